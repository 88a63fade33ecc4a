import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { campaignOptions, refuse, SEED, seedOf, wholeNumber } from '../support/campaign-options.js'
import { withCampaignServers } from '../support/campaign-servers.js'
import { createTestDatabase } from '../support/postgres.js'
import { requestsCampaign } from './requests-campaign.js'
import { slowClients, type Slowness } from './slow-clients.js'
import { hostileTarget, type Place, prepare } from './target.js'
import { wireCampaign } from './wire-campaign.js'

/** `npm run campaign:hostile`: the hostile requests of the tests, as many as one has time for. Ends with 1 at a mistake. */
const values = campaignOptions('hostile', {
  inputs: { type: 'string', default: '2000000', says: 'how many requests' },
  raw: { type: 'string', default: '200000', says: 'how many connections with mutated or cut bytes' },
  slow: { type: 'string', default: '5000', says: 'how many slow clients of each kind, and a tenth of readers' },
  seed: SEED,
  case: { type: 'string', says: 'send this one connection of --seed again, and nothing else' },
  json: { type: 'boolean', default: false, says: 'print the result for machines' },
})
const only = values.case === undefined ? undefined : wholeNumber('hostile', 'case', values.case)
// Without the seed it would be a case of another run.
if (only !== undefined && values.seed === undefined) refuse('hostile', '--case needs the --seed of its run')
const seed = seedOf('hostile', values.seed)
const [inputs, raw, slow] = (['inputs', 'raw', 'slow'] as const).map((name) => {
  const number = wholeNumber('hostile', name, values[name])
  return only === undefined ? number : 0
}) as [number, number, number]

const report: Record<string, unknown> = { seed }
const broken: string[] = []

await withCampaignServers(async () => {
  const place = await createTestDatabase()
  await prepare(place)
  if (inputs > 0) await runRequests(place)
  if (raw > 0 || only !== undefined) await runWire(place)
  if (slow > 0) for (const kind of ['headers', 'bodies', 'readers'] as const) await runSlow(place, kind)
  await place.drop()
})
tell('')
if (values.json) process.stdout.write(`${JSON.stringify({ version: 1, ...report, broken }, null, 2)}\n`)
else process.stdout.write([`seed ${seed}`, ...lines(), ...broken].map((line) => `${line}\n`).join(''))
process.exitCode = broken.length > 0 ? 1 : 0

/** Nineteen of twenty in process, the others by `fetch()` over a socket. */
async function runRequests(place: Place): Promise<void> {
  const target = await hostileTarget(place)
  const loop = monitorEventLoopDelay({ resolution: 5 })
  loop.enable()
  const began = performance.now()
  const common = {
    watch: target.watch,
    onProgress: (done: number, found: number) => tell(`${done} of ${inputs} requests, ${found} mistakes`),
  }
  const inside = await requestsCampaign({ ...common, seed, inputs: Math.ceil(inputs * 0.95), send: target.send })
  const socket = { origin: `http://127.0.0.1:${target.port}`, send: (request: Request) => fetch(request) }
  const outside = await requestsCampaign({ ...common, seed: seed + 1, inputs: Math.floor(inputs * 0.05), ...socket })
  loop.disable()
  await target.close()
  const done = inside.done + outside.done
  broken.push(
    ...inside.broken,
    ...outside.broken,
    ...target.watch.failures.map((failure) => `a failure of ours: ${failure}`),
  )
  report['requests'] = {
    inputs: done,
    overSockets: outside.done,
    called: inside.called + outside.called,
    mustRefuse: inside.mustRefuse + outside.mustRefuse,
    statuses: inside.statuses,
    seconds: seconds(began),
    loopDelayMs: { p50: ms(loop.percentile(50)), p99: ms(loop.percentile(99)), max: ms(loop.max) },
    broken: inside.broken.length + outside.broken.length,
    bound: bound(done),
  }
}

async function runWire(place: Place): Promise<void> {
  const target = await hostileTarget(place)
  const began = performance.now()
  const { done, statuses, probed, ...found } = await wireCampaign({
    seed,
    cases: raw,
    port: target.port,
    watch: target.watch,
    ...(only === undefined ? {} : { only }),
    onProgress: (so, far) => tell(`${so} of ${raw} connections, ${far} mistakes`),
  })
  await target.close()
  broken.push(...found.broken)
  report['wire'] = {
    connections: done,
    probed,
    statuses,
    seconds: seconds(began),
    broken: found.broken.length,
    bound: bound(done),
  }
}

async function runSlow(place: Place, kind: Slowness): Promise<void> {
  const target = await hostileTarget(place)
  const clients = kind === 'readers' ? Math.ceil(slow / 10) : slow
  const before = await memory()
  const limitMs = kind === 'headers' ? 10_000 : 30_000
  const result = await slowClients({
    kind,
    clients,
    port: target.port,
    limitMs,
    patienceMs: 2 * limitMs + 60_000,
    onProgress: (open) => tell(`${open} slow ${kind} open`),
  })
  const during = process.memoryUsage().rss
  await target.close()
  const after = await memory()
  if (result.stillOpen > 0) broken.push(`${result.stillOpen} of ${clients} slow ${kind} were never let go`)
  if ((result.told['whole'] ?? 0) > 0) broken.push(`${result.told['whole']} slow readers were waited for`)
  if (result.honest.failed > 0) broken.push(`${result.honest.failed} honest requests failed beside slow ${kind}`)
  const megabytes = {
    before: mb(before.heapUsed),
    after: mb(after.heapUsed),
    rssDuring: mb(during),
    rssAfter: mb(after.rss),
  }
  report[`slow ${kind}`] = { ...result, limitMs, megabytes }
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc?.()
    await pause(50)
  }
  return process.memoryUsage()
}

function lines(): string[] {
  return Object.entries(report).flatMap(([part, found]) =>
    part === 'seed' ? [] : [`${part} ${JSON.stringify(found)}`],
  )
}

function bound(done: number): string {
  return `95 % upper bound ${(3 / Math.max(1, done)).toExponential(1)} (3/n)`
}

function seconds(began: number): number {
  return Math.round((performance.now() - began) / 1000)
}

function ms(nanoseconds: number): number {
  return Math.round(nanoseconds / 1e5) / 10
}

function mb(bytes: number): number {
  return Math.round(bytes / 1e6)
}

function tell(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}
