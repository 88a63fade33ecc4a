import { loadavg } from 'node:os'
import { buildProgram, type Program } from '../kills/build-program.js'
import { crashPostgres } from '../kills/crash.js'
import { untilUp } from '../kills/place.js'
import { killAmidJobs } from '../jobs/job-kills.js'
import { campaignOptions, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { withCampaignServers } from '../support/campaign-servers.js'
import { startPostgres } from '../support/postgres-server.js'
import { type BankPlace, bankPlace, bankPlaceOn, type BankProcess, startBank } from './bank-place.js'
import { percentile, sendCopies, warmUp } from './copies.js'
import { killAmidEvents } from './event-kills.js'
import { boundOf, type Killed } from './kill-run.js'

/** `npm run campaign:webhooks`: what the tests in this folder do shortly, for as long as one has time for. Ends with 1 where a claim did not hold. */
const values = campaignOptions('webhooks', {
  kills: { type: 'string', default: '200', says: 'how often the receiver of events is killed' },
  postgres: { type: 'string', default: '50', says: 'how often PostgreSQL is killed under it' },
  jobs: { type: 'string', default: '100', says: 'how often a process that enqueues and does jobs is killed' },
  copies: { type: 'string', default: '5', says: 'how often 100 copies are sent at once, in each of four ways' },
  seed: SEED,
  json: { type: 'boolean', default: false, says: 'print the result for machines' },
})
const seed = seedOf('webhooks', values.seed)
const [kills, postgres, jobs, copies] = (['kills', 'postgres', 'jobs', 'copies'] as const).map((name) =>
  wholeNumber('webhooks', name, values[name]),
) as [number, number, number, number]

/** A copy is answered, and another endpoint at its 99th percentile, in so many milliseconds. */
const COPY_MS = 300
const OTHER_MS = 100

const results: Record<string, unknown>[] = []
const broken: string[] = []
const root = process.cwd()
await withCampaignServers(async () => {
  const bank = await buildProgram(root, undefined, 'test/webhooks/served-program.ts')
  const orders = await buildProgram(root, undefined, 'test/jobs/served-program.ts')
  try {
    // First, while the machine is as quiet as it will be.
    await copiesAtOnce(bank)
    await receiversKilled(bank)
    await postgresKilled(bank)
    await workersKilled(orders)
  } finally {
    await bank.remove()
    await orders.remove()
  }
})
tell('')
process.stdout.write(values.json ? `${JSON.stringify({ version: 1, seed, results, broken }, null, 2)}\n` : report())
process.exitCode = broken.length > 0 ? 1 : 0

async function copiesAtOnce(program: Program): Promise<void> {
  for (const count of [1, 4]) for (const sleepMs of [0, 2_000]) if (copies > 0) await copiesTo(program, count, sleepMs)
}

async function copiesTo(program: Program, count: number, sleepMs: number): Promise<void> {
  const name = `100 copies to ${count}, handler ${sleepMs} ms`
  const place = await bankPlace()
  const banks: BankProcess[] = []
  const all = { copies: [] as number[], others: [] as number[] }
  try {
    for (let index = 0; index < count; index += 1)
      banks.push(await startBank(program.file, { url: place.url, poolSize: 10 }))
    await warmUp(banks, name)
    for (let round = 0; round < copies; round += 1) {
      tell(`${name}: ${round + 1} of ${copies}`)
      const id = `copies-${round}`
      const came = await sendCopies(banks, id, sleepMs)
      all.copies.push(...came.copies)
      all.others.push(...came.others)
      if (came.bad.length > 0) broken.push(`${name}: answered ${came.bad.join(', ')}`)
      const effects = (await place.effects()).get(id)
      if (effects !== 1) broken.push(`${name}: ${effects ?? 0} effects`)
    }
  } finally {
    for (const each of banks) await each.kill()
    await place.drop()
  }
  const [mine, others] = [all.copies, all.others].map((ms) => ms.toSorted((a, b) => a - b)) as [number[], number[]]
  results.push({
    campaign: name,
    rounds: copies,
    ...figuresOf('copies', mine),
    ...figuresOf('others', others),
    load: loadavg()[0]!.toFixed(1),
  })
  if (mine.at(-1)! >= COPY_MS) broken.push(`${name}: a copy waited ${mine.at(-1)!.toFixed()} ms`)
  const p99 = percentile(others, 0.99)
  if (p99 >= OTHER_MS) broken.push(`${name}: another endpoint took ${p99.toFixed()} ms at its 99th percentile`)
}

function figuresOf(name: string, sorted: readonly number[]): Record<string, string> {
  const [p50, p99, most] = [percentile(sorted, 0.5), percentile(sorted, 0.99), sorted.at(-1) ?? Number.NaN]
  return { [name]: `${sorted.length}: p50 ${p50.toFixed()} ms, p99 ${p99.toFixed()} ms, longest ${most.toFixed()} ms` }
}

async function receiversKilled(program: Program): Promise<void> {
  if (kills === 0) return
  const place = await bankPlace()
  const start = () => startBank(program.file, { url: place.url })
  const run = await killAmidEvents(place, { seed, kills, start, onProgress: progress('receiver', kills) })
  judge('the receiver of events', run)
  await place.drop()
}

async function postgresKilled(program: Program): Promise<void> {
  if (postgres === 0) return
  const server = await startPostgres()
  try {
    const place = await bankPlaceOn(server)
    const crash = async () => {
      await crashPostgres(server.pid!)
      await untilUp(() => server.up())
    }
    const start = () => startBank(program.file, { url: place.url })
    const onProgress = progress('PostgreSQL', postgres)
    judge('PostgreSQL', await killAmidEvents(place, { seed, kills: postgres, start, crash, onProgress }))
  } finally {
    await server.stop()
  }
}

async function workersKilled(program: Program): Promise<void> {
  if (jobs === 0) return
  const place: BankPlace = await bankPlace()
  const start = () => startBank(program.file, { url: place.url })
  // Nobody helps here: what the dead had is given back when they have not been heard of for long enough.
  judge(
    'a process that does jobs',
    await killAmidJobs(place, { seed, kills: jobs, start, onProgress: progress('jobs', jobs) }),
  )
  await place.drop()
}

interface Judged extends Killed {
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly strange: readonly string[]
}

function judge(campaign: string, run: Judged): void {
  const { sent, acknowledged, lost, doubled, strange, seconds } = run
  results.push({
    campaign: `killed: ${campaign}`,
    kills: run.kills,
    sent: sent.length,
    acknowledged: acknowledged.size,
    lost: lost.length,
    doubled: doubled.length,
    strange: strange.length,
    bound: `${boundOf(run.kills)} of kills, ${boundOf(sent.length)} of what was sent`,
    seconds: Math.round(seconds),
  })
  for (const [what, ids] of Object.entries({ lost, doubled, strange }))
    broken.push(...ids.slice(0, 5).map((id) => `${campaign}: ${what}: ${id}`))
}

function progress(name: string, of: number) {
  return (done: number, acknowledged: number) => tell(`${name}: ${done} of ${of} kills, ${acknowledged} acknowledged`)
}

function report(): string {
  const lines = results.map(({ campaign, ...figures }) => {
    const words = Object.entries(figures).map(([name, value]) => `${name} ${String(value)}`)
    return `${String(campaign)}: ${words.join(' · ')}`
  })
  return `${[`seed ${seed}`, ...lines, ...broken.slice(0, 30).map((sentence) => `BROKEN ${sentence}`)].join('\n')}\n`
}

function tell(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`)
}
