import { campaignOptions, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import setUp from '../support/global-setup.js'
import { provided } from '../support/provided.js'
import type { TestDatabase } from '../support/postgres.js'
import { boardDatabase } from './board-database.js'
import { type FaultName, faults, provoke } from './database-faults.js'
import { heldLoad } from './held-load.js'
import { tokenOf } from './noticeboard.js'
import { overload } from './overload.js'
import { stopUnderLoad } from './sigterm.js'
import { startProcess } from './start-process.js'

/** `npm run campaign:faults`: what the tests in this folder do shortly, for as long as one has time for. Ends with 1 where a claim did not hold. */
const values = campaignOptions('faults', {
  rounds: { type: 'string', default: '20', says: 'how often each fault of a database or a network happens' },
  sigterm: { type: 'string', default: '50', says: 'how often a server is stopped under load' },
  'overload-seconds': {
    type: 'string',
    default: '60',
    says: 'how long three times the measured peak is sent, in two ways',
  },
  'held-seconds': { type: 'string', default: '120', says: 'how long 70 % of the peak is sent' },
  seed: SEED,
  json: { type: 'boolean', default: false, says: 'print the result for machines' },
})
const seed = seedOf('faults', values.seed)
const [overloadSeconds, heldSeconds, stops, rounds] = (
  ['overload-seconds', 'held-seconds', 'sigterm', 'rounds'] as const
).map((name) => wholeNumber('faults', name, values[name])) as [number, number, number, number]

const results: Record<string, unknown>[] = []
const broken: string[] = []
const stopping = new AbortController()
const tearDown = await setUp({ provide: (key: string, value: unknown) => void provided.set(key, value) } as never)
// What has begun is finished, so that every server is stopped by whoever started it.
process.once('SIGINT', () => stopping.abort())
try {
  const place = await boardDatabase()
  const token = await tokenOf('alice')
  await databaseFaults(place)
  await sigterms(place, token)
  await overloads(place, token)
  await held(place, token)
  await place.drop()
} finally {
  await tearDown()
}
tell('')
process.stdout.write(values.json ? `${JSON.stringify({ version: 1, seed, results, broken }, null, 2)}\n` : report())
process.exitCode = stopping.signal.aborted ? 130 : broken.length > 0 ? 1 : 0

async function databaseFaults(place: TestDatabase): Promise<void> {
  for (const [index, name] of (Object.keys(faults) as FaultName[]).entries()) {
    if (rounds === 0 || stopping.signal.aborted) return
    tell(name)
    const run = await provoke(faults[name], { place, seed: seed * 10 + index, rounds })
    const { answers, statuses, longestMs, recoveryMs } = run
    results.push({ campaign: name, rounds, answers, statuses, longestMs, recoveryMs, ...zeros(run) })
    broken.push(...[...run.wrong, ...run.untrue, ...run.left].map((sentence) => `${name}: ${sentence}`))
  }
}

function zeros({
  wrong,
  untrue,
  left,
}: {
  wrong: readonly string[]
  untrue: readonly string[]
  left: readonly string[]
}) {
  return { wrong: wrong.length, untrue: untrue.length, left: left.length }
}

async function sigterms(place: TestDatabase, token: string): Promise<void> {
  const sum = { answered: 0, answeredAfter: 0, lost: 0, untaken: 0, refused: 0, longestMs: 0 }
  for (let round = 0; round < stops && !stopping.signal.aborted; round += 1) {
    tell(`SIGTERM ${round + 1} of ${stops}`)
    const stop = await stopUnderLoad({ process: { board: { url: place.url } }, token, seed: seed * 1_000 + round })
    sum.answered += Object.values(stop.statuses).reduce((total, count) => total + count, 0)
    sum.answeredAfter += stop.answeredAfter
    sum.lost += stop.lost.length
    sum.untaken += stop.untaken
    sum.refused += stop.refused
    sum.longestMs = Math.max(sum.longestMs, stop.ms)
    broken.push(...stop.lost.map((sentence) => `SIGTERM: ${sentence}`))
    if (stop.code !== 0) broken.push(`SIGTERM: the process ended with ${stop.code}`)
  }
  if (stops > 0) results.push({ campaign: 'SIGTERM', stops, ...sum, bound: 3 / Math.max(1, sum.answered) })
}

async function overloads(place: TestDatabase, token: string): Promise<void> {
  const kinds = [
    ['overload, held up by connections', '/slow/20', { poolSize: 4 }],
    ['overload, held up by the processor', '/notices', {}],
  ] as const
  for (const [campaign, path, database] of kinds) {
    if (overloadSeconds === 0 || stopping.signal.aborted) return
    tell(campaign)
    const server = await startProcess({ board: { url: place.url, database } })
    const run = await overload({ server, token, path, seconds: overloadSeconds, signal: stopping.signal })
    await server.stop()
    results.push({ campaign, ...run })
    const others = Object.keys(run.statuses).filter((status) => !['200', '503', '429'].includes(status))
    if (others.length > 0) broken.push(`${campaign}: answers ${others.join(', ')}`)
    if (run.refusedWithoutRetryAfter > 0) broken.push(`${campaign}: refused without Retry-After`)
  }
}

async function held(place: TestDatabase, token: string): Promise<void> {
  if (heldSeconds === 0 || stopping.signal.aborted) return
  tell(`70 % of the peak for ${heldSeconds} s`)
  const server = await startProcess({ board: { url: place.url } })
  const run = await heldLoad(server, token, heldSeconds, stopping.signal)
  await server.stop()
  results.push({ campaign: 'load held', ...run })
  if (run.errors > 0) broken.push(`load held: ${run.errors} errors`)
}

function report(): string {
  const lines = results.map(({ campaign, ...figures }) => {
    const words = Object.entries(figures).map(([name, value]) => `${name} ${shown(value)}`)
    return `${String(campaign)}: ${words.join(' · ')}`
  })
  return `${[`seed ${seed}`, ...lines, ...broken.slice(0, 30).map((sentence) => `BROKEN ${sentence}`)].join('\n')}\n`
}

function shown(value: unknown): string {
  if (typeof value === 'number')
    return String(Math.abs(value) < 1 ? Number(value.toPrecision(2)) : Math.round(value * 10) / 10)
  return JSON.stringify(value)
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`)
}
