import { countingProxy } from '../test/support/counting-proxy.js'
import { checkAnswers } from './check-answers.js'
import type { Data } from './data.js'
import { distant } from './distance.js'
import type { Load } from './load.js'
import { measure } from './measure.js'
import type { Options } from './options.js'
import { BASELINE, type BenchResult, ROUTES, type RouteName, type ServerName } from './result.js'
import { countRoundTrips } from './round-trips.js'
import { type Sample, Samples } from './samples.js'
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

type Urls = Pick<Data, 'guardedUrl' | 'plainUrl'>

/**
 * Checks answers and counts round trips in a pass of its own, and then, round by round, starts each server beside a fresh baseline and measures
 * the two route by route, one right after the other: what else the machine does changes from minute to minute.
 */
export async function benchmark(setup: Setup): Promise<BenchResult> {
  const { options, data, started, progress } = setup
  const names: ServerName[] = [BASELINE, ...options.only.filter((name) => name !== BASELINE)]
  const samples = new Samples()
  for (const name of names) {
    progress(`counting the round trips of ${name}`)
    samples.roundTrips(name, await roundTripsOf(name, setup))
  }
  const far = options.latencyMs > 0 ? await distant(data, options.latencyMs, started) : null
  const compared = names.length === 1 ? names : names.slice(1)
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const name of compared) await measurePair({ name, round, urls: far?.urls ?? data, samples, setup })
  }
  const result = samples.result(names)
  return far === null ? result : { ...result, latency: { askedMs: options.latencyMs, measuredMs: far.measuredMs } }
}

async function roundTripsOf(name: ServerName, { data, started }: Setup): Promise<Record<RouteName, number>> {
  await data.reset()
  const wire = await countingProxy(urlFor(name, data))
  const server = await ServerUnderTest.start(name, wire.url, [], (child) => started.add(child))
  try {
    const credentials = await server.credentials()
    await checkAnswers(name, server.url, credentials)
    return await countRoundTrips(server.url, wire, credentials)
  } finally {
    await server.stop()
    await wire.close()
  }
}

interface Pair {
  readonly name: ServerName
  readonly round: number
  readonly urls: Urls
  readonly samples: Samples
  readonly setup: Setup
}

/** One server and the baseline, both fresh; who goes first changes with the round, so that it favours nobody. */
async function measurePair({ name, round, urls, samples, setup }: Pair): Promise<void> {
  const { data, load, started, options } = setup
  await data.reset()
  const servers: ServerUnderTest[] = []
  try {
    for (const one of new Set<ServerName>([BASELINE, name])) {
      const flags = options.cpuProfiles === undefined ? [] : profileFlags(options.cpuProfiles, one, round)
      servers.push(await ServerUnderTest.start(one, urlFor(one, urls), flags, (child) => started.add(child)))
    }
    const baseline = servers[0]!
    for (const route of ROUTES) {
      const seen = new Map<ServerUnderTest, Sample>()
      for (const server of round % 2 === 0 ? servers.toReversed() : servers) {
        setup.progress(`round ${round} of ${options.rounds}: ${route} of ${server.name}`)
        seen.set(server, await measure(server, route, { data, load, ...options }))
      }
      for (const [server, sample] of seen) samples.route(server.name, route, sample, seen.get(baseline)!)
    }
    const held = await baseline.usage()
    for (const server of servers) samples.memory(server.name, (await server.usage()).rss, held.rss)
  } finally {
    for (const server of servers) await server.stop()
  }
}

/** Under row-level security or without it is a matter of the login. */
function urlFor(name: ServerName, { guardedUrl, plainUrl }: Urls): string {
  return GUARDED.has(name) ? guardedUrl : plainUrl
}

const GUARDED: ReadonlySet<ServerName> = new Set<ServerName>([
  'handwritten-rls',
  'postern',
  'postern-better-auth',
  'next-postern',
])

function profileFlags(directory: string, name: ServerName, round: number): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${name}-${round}.cpuprofile`]
}
