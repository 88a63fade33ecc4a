import { countingProxy } from '../../test/support/counting-proxy.js'
import { cpuBetween } from '../postgres-cpu.js'
import type { Load } from '../load.js'
import type { Sample } from '../samples.js'
import { median, rounded } from '../samples.js'
import { ServerUnderTest } from '../server-under-test.js'
import type { Started } from '../started.js'
import { checkDeliveries } from './check-deliveries.js'
import { deliveryOf, WEBHOOK_PATH } from './deliveries.js'
import type { DeliveryData } from './delivery-data.js'
import type { DeliveryOptions } from './delivery-options.js'
import type { DeliveriesResult, DeliveryResult, DeliveryServer } from './delivery-result.js'

/** What a run works with. */
export interface DeliverySetup {
  readonly options: DeliveryOptions
  readonly data: DeliveryData
  readonly load: Load
  readonly started: Started
  /** Told what is being done, for a person who waits. */
  readonly progress: (words: string) => void
}

type Server = ServerUnderTest<DeliveryServer>

interface Seen extends Sample {
  readonly ratio: number
}

/** As the other benchmark does it: round by round each server is started beside a fresh one by hand, and measured right after it. */
export async function benchmarkDeliveries(setup: DeliverySetup): Promise<DeliveriesResult> {
  const { options } = setup
  const others = options.only.filter((name) => name !== 'handwritten')
  const names: DeliveryServer[] = ['handwritten', ...others]
  const roundTrips = new Map<DeliveryServer, number>()
  for (const name of names) roundTrips.set(name, await checkAndCount(name, setup))
  const samples = new Map<DeliveryServer, Seen[]>(names.map((name) => [name, []]))
  const compared = others.length === 0 ? names : others
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of compared) {
      for (const [each, seen] of await measurePair(name, round, setup)) samples.get(each)!.push(seen)
    }
  }
  const results = names.map((name) => [name, resultOf(samples.get(name)!, roundTrips.get(name)!)] as const)
  return { version: 1, baseline: 'handwritten', fsync: options.fsync, results: Object.fromEntries(results) }
}

const start = (
  name: DeliveryServer,
  url: string,
  flags: readonly string[],
  { started }: DeliverySetup,
): Promise<Server> => ServerUnderTest.start(name, url, flags, (child) => started.add(child), `webhooks-${name}`)

const urlFor = (name: DeliveryServer, { guardedUrl, plainUrl }: DeliveryData) =>
  name === 'handwritten' ? plainUrl : guardedUrl

/** Whether it does what all must, and what one delivery after the other asks of PostgreSQL. */
async function checkAndCount(name: DeliveryServer, setup: DeliverySetup): Promise<number> {
  const { data, progress } = setup
  progress(`counting the round trips of ${name}`)
  await data.reset()
  const wire = await countingProxy(urlFor(name, data))
  const server = await start(name, wire.url, [], setup)
  try {
    await checkDeliveries(name, server.url, data)
    const send = async (from: number, count: number) => {
      for (let n = from; n < from + count; n += 1) {
        const response = await fetch(server.url + WEBHOOK_PATH, { method: 'POST', ...deliveryOf(n, Date.now()) })
        const text = await response.text()
        if (response.status !== 200) throw new Error(`${name} answers ${response.status}: ${text}`)
      }
    }
    await send(100, WARM_UP)
    // The worker looks once a second: over more deliveries that counts for less.
    const asked = await wire.count(() => send(100 + WARM_UP, COUNTED))
    return rounded(asked / COUNTED, 1)
  } finally {
    await server.stop()
    await wire.close()
  }
}

const WARM_UP = 60
const COUNTED = 200

/** One server and the one by hand, both fresh; who goes first changes with the round, so that it favours nobody. */
async function measurePair(
  name: DeliveryServer,
  round: number,
  setup: DeliverySetup,
): Promise<Map<DeliveryServer, Seen>> {
  const { data, options, progress } = setup
  const servers: Server[] = []
  const samples = new Map<DeliveryServer, Sample>()
  try {
    for (const each of new Set<DeliveryServer>(['handwritten', name])) {
      const flags = options.cpuProfiles === undefined ? [] : profileFlags(options.cpuProfiles, each, round)
      servers.push(await start(each, urlFor(each, data), flags, setup))
    }
    for (const server of round % 2 === 0 ? servers.toReversed() : servers) {
      progress(`round ${round} of ${options.rounds}: ${server.name}`)
      samples.set(server.name, await measure(server, setup))
    }
  } finally {
    for (const server of servers) await server.stop()
  }
  const baseline = samples.get('handwritten')!
  return new Map([...samples].map(([each, seen]) => [each, { ...seen, ratio: seen.rps / baseline.rps }]))
}

async function measure(server: Server, { data, load, options }: DeliverySetup): Promise<Sample> {
  const { seconds, warmUpSeconds, connections } = options
  const requests = [{ method: 'POST', path: WEBHOOK_PATH, headers: {} }] as const
  const task = { url: server.url, requests, connections, expected: 200, delivers: true }
  await data.reset()
  const warmUp = await load.run({ ...task, seconds: warmUpSeconds, answers: WARM_UP_ANSWERS })
  await data.reset()
  const spent = async () => ({ server: (await server.usage()).cpuUs, database: await data.cpu() })
  const before = await spent()
  const { answers, rps, p99ms, errors } = await load.run({ ...task, seconds })
  const after = await spent()
  const { done, paid } = await data.effects()
  if (done !== paid || paid < answers)
    throw new Error(`${server.name} answered ${answers} deliveries, has ${done} as done, and paid ${paid} orders`)
  const database = cpuBetween(before.database, after.database)
  const each = Math.max(1, answers)
  return {
    rps,
    p99ms,
    errors: errors + warmUp.errors,
    serverUs: (after.server - before.server) / each,
    databaseUs: database === null ? null : database / each,
  }
}

// As many as the other benchmark sends, for the reason that it gives.
const WARM_UP_ANSWERS = 10_000

function resultOf(seen: readonly Seen[], roundTrips: number): DeliveryResult {
  const databaseUs = seen.flatMap((each) => (each.databaseUs === null ? [] : [each.databaseUs]))
  return {
    ratio: rounded(median(seen.map(({ ratio }) => ratio)), 3),
    perSecond: rounded(median(seen.map(({ rps }) => rps)), 0),
    p99ms: rounded(median(seen.map(({ p99ms }) => p99ms)), 1),
    roundTrips,
    serverUs: rounded(median(seen.map(({ serverUs }) => serverUs)), 0),
    databaseUs: databaseUs.length === 0 ? null : rounded(median(databaseUs), 0),
    errors: seen.reduce((sum, { errors }) => sum + errors, 0),
  }
}

function profileFlags(directory: string, name: DeliveryServer, round: number): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=webhooks-${name}-${round}.cpuprofile`]
}
