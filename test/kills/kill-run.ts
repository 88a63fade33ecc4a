import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../support/free-port.js'
import { seeded } from '../support/seeded.js'
import { type Judgement, Ledger } from './ledger.js'
import type { Place } from './place.js'
import { serverProcess } from './server-process.js'
import { type Told, write } from './writer.js'

export interface KillRun {
  readonly place: Place
  /** The built program. */
  readonly program: string
  readonly seed: number
  readonly kills: number
  /** Who dies: the server under test, or the PostgreSQL behind it. */
  readonly dies: 'server' | 'postgres'
  /** How many writes are to be acknowledged at least, spread over the kills (default 0). */
  readonly writes?: number
  readonly writers?: number
  /** PostgreSQL dies whole each time, and not one session of it. */
  readonly onlyCrashes?: boolean
  readonly onProgress?: (kills: number, acknowledged: number) => void
  /** Ends the run early; what was done until then is judged. */
  readonly signal?: AbortSignal
}

/** What came of a run. */
export interface KillReport extends Judgement, Pick<Told, 'unknown' | 'replays' | 'differences' | 'unexpected'> {
  /** By the way of dying. */
  readonly kills: Readonly<Record<string, number>>
  /** How often the server under test ended although nobody killed it. */
  readonly ownDeaths: number
  /** From each kill to the first answer to something that was sent after it, in milliseconds, in order of size. */
  readonly recoveries: readonly number[]
  readonly seconds: number
}

/** One way in ten or so to be killed again before anything has recovered. */
const AGAIN = 0.1
/** The longest that a run waits for the first answer after a kill. */
const RECOVERY_LIMIT_MS = 60_000

/** Writers with keys, and somebody who kills what they write to; then everything is compared. The same seed makes the same choices. */
export async function killRun(run: KillRun): Promise<KillReport> {
  const { place, seed, writers = 16, writes = 0 } = run
  const began = performance.now()
  const random = seeded(seed)
  const ledger = new Ledger()
  const port = await freePort()
  let ownDeaths = 0
  const server = serverProcess(run.program, { ...place.served, port }, () => (ownDeaths += 1))
  let isDone = false
  const told: Told = { unknown: {}, replays: 0, differences: [], unexpected: [] }
  const kills: Record<string, number> = {}
  const recoveries: number[] = []
  let onAnswer: ((sentAt: number) => void) | undefined

  await server.start()
  const writing = Array.from({ length: writers }, (_, index) =>
    write(`w${index}`, {
      port,
      ledger,
      random: seeded(seed * 1_000 + index),
      done: () => isDone,
      onAnswer: (sentAt) => onAnswer?.(sentAt),
      told,
    }),
  )
  try {
    for (let count = 0; count < run.kills && !run.signal?.aborted;) {
      await pause(5 + random() * 400)
      while (ledger.acknowledged < (writes * count) / run.kills && !run.signal?.aborted) await pause(20)
      const killedAt = performance.now()
      const answered = new Promise<number>((resolve) => {
        onAnswer = (sentAt) => sentAt > killedAt && resolve(performance.now() - killedAt)
      })
      const way = run.dies === 'server' ? 'server' : run.onlyCrashes ? 'crash' : wayToDie(random)
      if (way === 'server') {
        await server.kill()
        await server.start()
      } else {
        if (!(await place.deaths![way](random))) continue
        if (!server.running) await server.start()
      }
      count += 1
      kills[way] = (kills[way] ?? 0) + 1
      run.onProgress?.(count, ledger.acknowledged)
      if (random() < AGAIN && count < run.kills) continue
      recoveries.push(await inTime(answered))
    }
    while (ledger.acknowledged < writes && !run.signal?.aborted) await pause(20)
  } finally {
    isDone = true
    await Promise.all(writing)
    await server.kill()
  }
  const judgement = ledger.judge(await place.contents())
  const seconds = (performance.now() - began) / 1_000
  return { ...judgement, ...told, kills, ownDeaths, recoveries: recoveries.sort((a, b) => a - b), seconds }
}

/** Mostly the whole server at once; else one session (PostgreSQL then ends all of them itself), or sessions that are asked to go. */
function wayToDie(random: () => number): 'crash' | 'backend' | 'terminate' {
  const chance = random()
  return chance < 0.6 ? 'crash' : chance < 0.85 ? 'backend' : 'terminate'
}

async function inTime(answered: Promise<number>): Promise<number> {
  const late = pause(RECOVERY_LIMIT_MS, undefined, { ref: false })
  const ms = await Promise.race([answered, late])
  if (ms === undefined) throw new Error(`Nothing was answered for ${RECOVERY_LIMIT_MS / 1_000} s after a kill`)
  return ms
}

/** How many promises were broken, whatever the kind. */
export function findingsOf(report: KillReport): string[] {
  const { lost, doubled, strange, unresolved, differences, unexpected, ownDeaths } = report
  return [
    ...lost.map((what) => `lost: ${what}`),
    ...doubled.map((what) => `doubled: ${what}`),
    ...strange.map((what) => `strange: ${what}`),
    ...unresolved.map((what) => `unresolved: ${what}`),
    ...differences.map((what) => `answered differently: ${what}`),
    ...unexpected.map((what) => `unexpected answer: ${what}`),
    ...(ownDeaths === 0 ? [] : [`the server ended by itself ${ownDeaths} times`]),
  ]
}
