import { setTimeout as pause } from 'node:timers/promises'
import { type Answered, closedLoop, httpRequest, openLoop, percentile } from './open-loop.js'
import type { ServerProcess } from './start-process.js'

export interface OverloadOptions {
  readonly server: ServerProcess
  readonly token: string
  readonly path: string
  readonly seconds: number
  /** How long each look at the peak and at what comes after takes. */
  readonly looks?: number
  readonly signal?: AbortSignal
}

export interface Overload {
  /** Good answers a second: at the peak, and at three times as many requests. */
  readonly peak: number
  readonly goodput: number
  readonly sent: number
  /** Answers of the overload by status; 0 is a connection that broke. */
  readonly statuses: Readonly<Record<string, number>>
  /** How long a good answer and a refusal took, in milliseconds; refusals of the first second apart. */
  readonly goodMs: { readonly p50: number; readonly p99: number }
  readonly refusedMs: { readonly p50: number; readonly p99: number }
  readonly refusedLaterMs: { readonly p50: number; readonly p99: number }
  /** How often a refusal after the first second came within 50 ms. */
  readonly refusedInTime: number
  readonly refusedWithoutRetryAfter: number
  /** How long after the overload until requests at half the peak were all answered well again, in milliseconds. */
  readonly recoveryMs: number
}

/** Finds the peak, sends three times as much, and looks how long it takes until all is well again. */
export async function overload(options: OverloadOptions): Promise<Overload> {
  const { server, token, path, seconds, looks = 3, signal } = options
  const one = httpRequest('GET', path, token)
  const base = { port: server.port, request: () => one, ...(signal ? { signal } : {}) }
  await closedLoop({ ...base, clients: 32, seconds: Math.min(1.5, looks) })
  const peaks = await closedLoop({ ...base, clients: 32, seconds: looks })
  const peak = isGood(peaks).length / looks

  const answers = await openLoop({ ...base, rate: peak * 3, seconds })
  const recoveryMs = await recovery({ ...base, rate: peak / 2, seconds: 0.25 })
  const good = isGood(answers)
  const refused = answers.filter(({ status }) => status === 503 || status === 429)
  const later = refused.filter(({ at }) => at > 1_000)
  const statuses: Record<string, number> = {}
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
  // What was answered well within the time that it was asked in: a queue worked off afterwards is no goodput.
  const inTime = good.filter(({ at, ms }) => at + ms <= seconds * 1_000)
  return {
    peak,
    goodput: inTime.length / seconds,
    sent: answers.length,
    statuses,
    goodMs: times(good),
    refusedMs: times(refused),
    refusedLaterMs: times(later),
    refusedInTime: later.length === 0 ? 1 : later.filter(({ ms }) => ms <= 50).length / later.length,
    refusedWithoutRetryAfter: refused.filter(({ retryAfter }) => !retryAfter).length,
    recoveryMs,
  }
}

async function recovery(look: Parameters<typeof openLoop>[0]): Promise<number> {
  const began = performance.now()
  for (;;) {
    const lookBegan = performance.now()
    const answers = await openLoop(look)
    if (isGood(answers).length === answers.length) return lookBegan - began
    if (lookBegan - began > 20_000) return Infinity
    await pause(50)
  }
}

const isGood = (answers: readonly Answered[]) => answers.filter(({ status }) => status === 200)

function times(answers: readonly Answered[]): { p50: number; p99: number } {
  const ms = answers.map((answer) => answer.ms)
  return { p50: Math.round(percentile(ms, 0.5)), p99: Math.round(percentile(ms, 0.99)) }
}
