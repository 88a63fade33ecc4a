import * as fc from 'fast-check'
import { type Input, inputs } from './inputs.js'
import { type Answer, judge } from './judge.js'
import type { Watch } from './watch.js'

export interface RequestsOptions {
  readonly seed: number
  readonly inputs: number
  readonly send: (request: Request) => Promise<Response>
  readonly watch: Watch
  /** Where they are sent: `http://localhost` in process. */
  readonly origin?: string
  /** Ends at the first mistake. */
  readonly untilFound?: boolean
  readonly onProgress?: (done: number, broken: number) => void
}

export interface RequestsResult {
  readonly done: number
  readonly statuses: Readonly<Record<string, number>>
  /** Requests whose function was called: what the schemas let through. */
  readonly called: number
  /** How many could not be taken by their making. */
  readonly mustRefuse: number
  /** Each with the smallest input that shows it, and the seed that makes it again. */
  readonly broken: readonly string[]
}

const CHUNK = 250
const WORKERS = 4
const MOST_BROKEN = 10

/** Sends requests made by the seed and judges each answer. What is found is made as small as it gets, and told. */
export async function requestsCampaign(options: RequestsOptions): Promise<RequestsResult> {
  const marker = markerOf(options.seed)
  const statuses: Record<string, number> = {}
  const broken: string[] = []
  const counts = { done: 0, called: 0, mustRefuse: 0 }
  const enough = () => broken.length >= (options.untilFound ? 1 : MOST_BROKEN)

  const trial = fc.asyncProperty(inputs(marker), async (input) => {
    const request = requestOf(input, options.origin ?? 'http://localhost')
    if (request === undefined) return
    const answer = await toAnswer(await options.send(request))
    const happened = options.watch.take(answer.headers.get('x-request-id') ?? '')
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    counts.done += 1
    if (happened.called) counts.called += 1
    if (input.mustRefuse) counts.mustRefuse += 1
    if (counts.done % 500 === 0) options.onProgress?.(counts.done, broken.length)
    const wrong = judge(answer, { marker, mustRefuse: input.mustRefuse }, happened)
    if (wrong.length > 0) throw new Error(`${wrong.join('; ')}: ${answer.status} ${answer.body.slice(0, 300)}`)
  })

  let [chunk, given] = [0, 0]
  const worker = async () => {
    while (given < options.inputs && !enough()) {
      const seed = options.seed * 1_000_003 + (chunk += 1)
      const numRuns = Math.min(CHUNK, options.inputs - given)
      given += numRuns
      const result = await fc.check(trial, { seed, numRuns, interruptAfterTimeLimit: 60_000 })
      if (result.failed && result.counterexample !== null) {
        broken.push(
          `${String(result.errorInstance)} from ${describe(result.counterexample[0])} (seed ${seed}, path ${result.counterexamplePath})`,
        )
      }
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  return { ...counts, statuses, broken }
}

/**
 * What a client could be told back. With a dot it is no part of a name that looks like a field of a schema: such a name may
 * stand in the path of a mistake.
 */
export function markerOf(seed: number): string {
  return `7mk.${(seed % 1e9).toString(36)}Zq`
}

function requestOf({ method, path, headers, body }: Input, origin: string): Request | undefined {
  const all = new Headers()
  for (const [name, value] of headers) all.append(name, value)
  if (body !== null && body.type !== null) all.set('content-type', body.type)
  const given =
    body === null ? {} : { body: body.type === null ? new TextEncoder().encode(String(body.content)) : body.content }
  try {
    return new Request(`${origin}${path}`, { method, headers: all, redirect: 'manual', ...given })
  } catch {
    // No URL, so no client could ask for it by one.
    return undefined
  }
}

async function toAnswer(response: Response): Promise<Answer> {
  return { status: response.status, headers: new Map(response.headers), body: await response.text() }
}

function describe(input: Input): string {
  const { method, path, headers, body } = input
  const content = body === null ? null : typeof body.content === 'string' ? body.content : [...body.content]
  return JSON.stringify({ method, path, headers, body: body && { type: body.type, content } }).slice(0, 2_000)
}
