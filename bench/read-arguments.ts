import { parseArgs, type ParseArgsConfig } from 'node:util'
import { BadOption } from './bad-option.js'

/** The words of the command line by Node's own reader. Throws `BadOption`. */
export function readArguments<const T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
  help: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    // Node's own words go on about positionals after the first sentence.
    throw new BadOption(`${(error as Error).message.split(/\.\s/)[0]}: ${help} says what there is`)
  }
}

export function named(option: string, value: string): string {
  if (value.trim() !== '') return value
  throw new BadOption(`--${option} wants a name`)
}

export function numberOf(option: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= least && value <= most) return value
  throw new BadOption(`--${option} wants a number from ${least} to ${most}, not "${text}"`)
}

export function whole(option: string, text: string, least: number, most: number): number {
  const value = numberOf(option, text, least, most)
  if (Number.isInteger(value)) return value
  throw new BadOption(`--${option} wants a whole number, not "${text}"`)
}

/** Some of those that are known, in the order of the table, each once. */
export function namesOf<const Name extends string>(text: string, known: readonly Name[]): Name[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !known.some((each) => each === name))
  if (unknown === undefined) return known.filter((each) => names.includes(each))
  throw new BadOption(`--only knows no "${unknown}": it takes ${known.join(', ')}`)
}
