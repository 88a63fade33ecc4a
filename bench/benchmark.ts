import { countingProxy } from '../test/support/counting-proxy.js'
import type { Data } from './data.js'
import type { Load } from './load.js'
import type { Options } from './options.js'
import { EXPECTED, requestsFor } from './requests.js'
import { BASELINE, type BenchResult, ROUTES, type RouteName, type ServerName } from './result.js'
import { countRoundTrips } from './round-trips.js'
import { Samples } from './samples.js'
import { ServerUnderTest } from './server-under-test.js'
import type { Started } from './started.js'

/** What a run works with. */
export interface Setup {
  readonly options: Options
  readonly data: Data
  readonly load: Load
  readonly started: Started
  /** Told what is being done, for a person who waits. */
  readonly progress: (words: string) => void
}

/**
 * Counts round trips in a pass of its own, and then, round by round, starts each server beside a fresh baseline and measures
 * the two route by route, one right after the other: what else the machine does changes from minute to minute.
 */
export async function benchmark(setup: Setup): Promise<BenchResult> {
  const { options, progress } = setup
  const names: ServerName[] = [BASELINE, ...options.only.filter((name) => name !== BASELINE)]
  const samples = new Samples()
  for (const name of names) {
    progress(`counting the round trips of ${name}`)
    samples.roundTrips(name, await roundTripsOf(name, setup))
  }
  const compared = names.length === 1 ? names : names.slice(1)
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of compared) await measurePair(name, round, samples, setup)
  }
  return samples.result(options.only)
}

async function roundTripsOf(name: ServerName, { data, started }: Setup): Promise<Record<RouteName, number>> {
  const wire = await countingProxy(urlFor(name, data))
  const server = await ServerUnderTest.start(name, wire.url, [], (child) => started.add(child))
  try {
    return await countRoundTrips(server.url, wire, server.credentials())
  } finally {
    await server.stop()
    await wire.close()
  }
}

/** One server and the baseline, both fresh; who goes first changes with the round, so that it favours nobody. */
async function measurePair(name: ServerName, round: number, samples: Samples, setup: Setup): Promise<void> {
  const { data, options } = setup
  await data.reset()
  const pair: ServerName[] = name === BASELINE ? [BASELINE] : [BASELINE, name]
  const servers: ServerUnderTest[] = []
  try {
    for (const one of pair) {
      const flags = options.cpuProfiles === undefined ? [] : profileFlags(options.cpuProfiles, one, round)
      servers.push(await ServerUnderTest.start(one, urlFor(one, data), flags, (child) => setup.started.add(child)))
    }
    const inTurn = round % 2 === 0 ? servers.toReversed() : servers
    for (const route of ROUTES) {
      const rps = new Map<ServerName, number>()
      for (const server of inTurn) {
        setup.progress(`round ${round} of ${options.rounds}: ${route} of ${server.name}`)
        const seen = await measure(server, route, setup)
        rps.set(server.name, seen.rps)
        samples.load(server.name, route, seen)
      }
      samples.ratio(name, route, rps.get(name)! / rps.get(BASELINE)!)
    }
    const memory = new Map<ServerName, number>()
    for (const server of servers) {
      memory.set(server.name, await server.rssMb())
      samples.memory(server.name, memory.get(server.name)!)
    }
    samples.memoryRatio(name, memory.get(name)! / memory.get(BASELINE)!)
  } finally {
    for (const server of servers) await server.stop()
  }
}

async function measure(server: ServerUnderTest, route: RouteName, { data, load, options }: Setup) {
  const seen = await load.run({
    url: server.url,
    requests: requestsFor(route, server.credentials()),
    connections: options.connections,
    seconds: options.seconds,
    warmUpSeconds: Math.min(2, options.seconds / 2),
    expected: EXPECTED[route],
  })
  if (route === 'create' || route === 'update') await data.reset()
  return seen
}

/** Under row-level security or without it is a matter of the login. */
function urlFor(name: ServerName, { guardedUrl, plainUrl }: Data): string {
  return GUARDED.has(name) ? guardedUrl : plainUrl
}

const GUARDED: ReadonlySet<ServerName> = new Set<ServerName>(['postern'])

function profileFlags(directory: string, name: ServerName, round: number): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}-${round}.cpuprofile`]
}
