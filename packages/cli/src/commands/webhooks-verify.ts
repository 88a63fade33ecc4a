import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { byteLines } from '../deliveries/byte-lines.js'
import { Fault, readLine, toHeaders } from '../deliveries/delivery-line.js'
import { judgeDelivery, type Judgement, type Question } from '../deliveries/judge-delivery.js'
import { PROVIDERS } from '../deliveries/signer-by-name.js'
import { UsageError } from '../errors.js'
import type { Context } from '../project/context.js'

/** The flags of `postern webhooks verify`. */
export interface VerifyOptions {
  readonly provider?: string
  readonly secret?: readonly string[]
  readonly headers?: string
  readonly body?: string
  readonly now?: string
  readonly url?: string
  readonly method?: string
  readonly tolerance?: string
  readonly json?: boolean
  readonly batch?: boolean
}

/**
 * `postern webhooks verify`: whether a delivery is genuine, by the same code as in a webhook. Reads no project and no
 * environment. Exits with 0 where it is, 1 where it is not; a batch with 0 when each line has its answer.
 */
export async function webhooksVerify(context: Context, options: VerifyOptions): Promise<number> {
  const warn = onceEach((sentence) => context.terminal.note(`postern: ${sentence}`))
  if (options.batch === true) return verifyLines(context, warn)
  const judgement = await judgeDelivery(await questionOf(context.cwd, options), warn)
  if (options.json === true) context.terminal.print(JSON.stringify(judgement))
  else for (const line of inWords(judgement)) context.terminal.print(line)
  if (judgement.valid === null) {
    warn(`There is no provider called so; there are ${PROVIDERS.join(', ')}`)
    return 2
  }
  return judgement.valid ? 0 : 1
}

async function verifyLines({ terminal }: Context, warn: (sentence: string) => void): Promise<number> {
  for await (const text of byteLines(process.stdin)) {
    const line = readLine(text, () => new Date())
    const { valid, reason } =
      'fault' in line
        ? { valid: false, reason: `line-malformed: ${line.fault}` }
        : // A line that we fail on must not cost the others their answers.
          await judgeDelivery(line.question, warn).catch(() => ({ valid: false, reason: 'failed' }))
    terminal.print(JSON.stringify({ id: line.id, valid, reason }))
  }
  return 0
}

async function questionOf(cwd: string, options: VerifyOptions): Promise<Question> {
  const { provider, secret, headers, body, now, tolerance } = options
  if (provider === undefined || secret === undefined || headers === undefined || body === undefined)
    throw new UsageError(
      'A delivery takes --provider, --secret, --headers and --body',
      'Or --batch, with one delivery in a line of standard input: see postern webhooks verify --help',
    )
  return {
    provider,
    secrets: secret,
    delivery: {
      method: options.method ?? 'POST',
      url: options.url ?? '',
      headers: await headersOf(resolve(cwd, headers)),
      body: await bytesOf(resolve(cwd, body)),
    },
    now: now === undefined ? new Date() : new Date(wholeSeconds('--now', now) * 1000),
    tolerance:
      tolerance === undefined ? null : tolerance === 'any-age' ? tolerance : wholeSeconds('--tolerance', tolerance),
  }
}

async function headersOf(file: string): Promise<Headers> {
  const text = (await bytesOf(file)).toString('utf8')
  try {
    return toHeaders(JSON.parse(text))
  } catch (error) {
    const fault = error instanceof Fault ? error.message : 'it is not JSON'
    throw new UsageError(`The headers cannot be read: ${fault}`, 'Write them as {"name": "value"}', { cause: error })
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(`${file} cannot be read`, 'Check the path, and who may read it', { cause: error })
  }
}

function wholeSeconds(flag: string, text: string): number {
  if (/^\d{1,13}$/.test(text)) return Number(text)
  throw new UsageError(`${flag} takes whole seconds`, flag === '--now' ? 'As date +%s prints them' : 'Or any-age')
}

function inWords({ valid, reason, events }: Judgement): string[] {
  if (valid !== true) return [`not valid: ${reason ?? ''}`]
  if (reason !== null) return [`valid: ${reason}, which tells no event`]
  return ['valid', ...events.map(({ id, type }) => `  ${type}  ${id ?? '(no id: its bytes are its identity)'}`)]
}

/** A batch says the same of many lines. */
function onceEach(tell: (sentence: string) => void): (sentence: string) => void {
  const told = new Set<string>()
  return (sentence) => {
    if (told.has(sentence)) return
    told.add(sentence)
    tell(sentence)
  }
}
