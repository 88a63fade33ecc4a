import { parseArgs } from 'node:util'

interface Option {
  readonly type: 'string' | 'boolean'
  readonly default?: string | boolean
  /** What stands in the place of its value in the help: N, NAME. */
  readonly value?: string
  readonly says: string
}

export const SEED = { type: 'string', says: 'the same makes the same choices (default: random)' } as const

/**
 * Reads the command line of `npm run campaign:…`. `--help` ends the process with 0 after the list of options; what does not fit ends it
 * with 2 after one sentence, before anything is started.
 */
export function campaignOptions<const T extends Record<string, Option>>(campaign: string, options: T) {
  const command = `npm run campaign:${campaign}`
  if (process.argv.includes('--help')) {
    process.stdout.write(`${command} -- [options]\n\n${listed(options)}`)
    process.exit(0)
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    // Node's own words go on about positionals after the first sentence.
    return refuse(campaign, (error as Error).message.split(/\.\s/)[0]!)
  }
}

/** The whole number that an option was given. Ends the process with 2 if it is none, or below `least`. */
export function wholeNumber(campaign: string, option: string, text: string, least = 0): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isSafeInteger(number) && number >= least) return number
  return refuse(campaign, `--${option} takes a whole number from ${least} on`)
}

/** What `--seed` was given, or a random one. */
export function seedOf(campaign: string, text: string | undefined): number {
  return text === undefined ? Math.floor(Math.random() * 1e6) : wholeNumber(campaign, 'seed', text)
}

/** Ends the process with 2: it was used wrongly. */
export function refuse(campaign: string, sentence: string): never {
  process.stderr.write(`campaign:${campaign}: ${sentence}; npm run campaign:${campaign} -- --help says what there is\n`)
  process.exit(2)
}

function listed(options: Record<string, Option>): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const told = typeof option.default === 'string' ? `${option.says} (default ${option.default})` : option.says
    return [option.type === 'boolean' ? `--${name}` : `--${name} ${option.value ?? 'N'}`, told] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, told]) => `  ${left.padEnd(width)}  ${told}\n`).join('')
}
