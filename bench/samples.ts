import type { CpuResult, MemoryResult, RouteName, RouteResult, ServerName } from './result.js'
import { BASELINE, type BenchResult, ROUTES } from './result.js'

/** One route of one server, measured once. */
export interface Sample {
  readonly rps: number
  readonly p99ms: number
  readonly errors: number
  readonly serverUs: number
  readonly databaseUs: number | null
}

/** What was seen, run by run, and the medians of it. */
export class Samples {
  readonly #routes = new Lists<Sample>()
  readonly #ratios = new Lists<number>()
  readonly #memory = new Lists<number>()
  readonly #memoryRatios = new Lists<number>()
  readonly #roundTrips = new Map<ServerName, Record<RouteName, number>>()

  /** `baseline` was measured right beside it. */
  route(name: ServerName, route: RouteName, seen: Sample, baseline: Sample): void {
    this.#routes.add(`${name} ${route}`, seen)
    this.#ratios.add(`${name} ${route}`, seen.rps / baseline.rps)
  }

  memory(name: ServerName, rss: number, baseline: number): void {
    this.#memory.add(name, rss / 1e6)
    this.#memoryRatios.add(name, rss / baseline)
  }

  roundTrips(name: ServerName, counted: Record<RouteName, number>): void {
    this.#roundTrips.set(name, counted)
  }

  result(names: readonly ServerName[]): BenchResult {
    const each = <T>(of: (name: ServerName) => T) => Object.fromEntries(names.map((name) => [name, of(name)]))
    return {
      version: 1,
      baseline: BASELINE,
      results: each((name) => byRoute((route) => this.#routeOf(name, route))),
      cpu: each((name) => byRoute((route) => this.#cpuOf(name, route))),
      memory: each((name) => this.#memoryOf(name)),
    }
  }

  #routeOf(name: ServerName, route: RouteName): RouteResult {
    const seen = this.#routes.of(`${name} ${route}`)
    return {
      ratio: rounded(median(this.#ratios.of(`${name} ${route}`)), 3),
      rps: rounded(median(seen.map(({ rps }) => rps)), 0),
      p99ms: rounded(median(seen.map(({ p99ms }) => p99ms)), 1),
      roundTrips: this.#roundTrips.get(name)![route],
      errors: seen.reduce((sum, { errors }) => sum + errors, 0),
    }
  }

  #cpuOf(name: ServerName, route: RouteName): CpuResult {
    const seen = this.#routes.of(`${name} ${route}`)
    const told = seen.flatMap(({ databaseUs }) => (databaseUs === null ? [] : [databaseUs]))
    return {
      serverUs: rounded(median(seen.map(({ serverUs }) => serverUs)), 0),
      databaseUs: told.length === 0 ? null : rounded(median(told), 0),
    }
  }

  #memoryOf(name: ServerName): MemoryResult {
    return {
      rssMb: rounded(median(this.#memory.of(name)), 0),
      ratio: rounded(median(this.#memoryRatios.of(name)), 2),
    }
  }
}

function byRoute<T>(of: (route: RouteName) => T): Record<RouteName, T> {
  return Object.fromEntries(ROUTES.map((route) => [route, of(route)])) as Record<RouteName, T>
}

class Lists<T> {
  readonly #lists = new Map<string, T[]>()

  add(key: string, value: T): void {
    this.#lists.set(key, [...this.of(key), value])
  }

  of(key: string): readonly T[] {
    return this.#lists.get(key) ?? []
  }
}

/** The middle one, or halfway between the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
