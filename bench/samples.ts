import type { LoadResult } from './load.js'
import { BASELINE, type BenchResult, type MemoryResult, ROUTES, type RouteName, type RouteResult } from './result.js'
import type { ServerName } from './result.js'

/** What was seen, run by run, and the medians of it. */
export class Samples {
  readonly #loads = new Lists<LoadResult>()
  readonly #ratios = new Lists<number>()
  readonly #memory = new Lists<number>()
  readonly #memoryRatios = new Lists<number>()
  readonly #roundTrips = new Map<ServerName, Record<RouteName, number>>()

  load(name: ServerName, route: RouteName, seen: LoadResult): void {
    this.#loads.add(`${name} ${route}`, seen)
  }

  ratio(name: ServerName, route: RouteName, ratio: number): void {
    this.#ratios.add(`${name} ${route}`, ratio)
  }

  memory(name: ServerName, rssMb: number): void {
    this.#memory.add(name, rssMb)
  }

  memoryRatio(name: ServerName, ratio: number): void {
    this.#memoryRatios.add(name, ratio)
  }

  roundTrips(name: ServerName, counted: Record<RouteName, number>): void {
    this.#roundTrips.set(name, counted)
  }

  result(names: readonly ServerName[]): BenchResult {
    const results = names.map((name) => [name, this.#routes(name)] as const)
    const memory = names.map((name) => [name, this.#memoryOf(name)] as const)
    return { version: 1, baseline: BASELINE, results: Object.fromEntries(results), memory: Object.fromEntries(memory) }
  }

  #routes(name: ServerName): Record<RouteName, RouteResult> {
    const routes = ROUTES.map((route) => [route, this.#route(name, route)] as const)
    return Object.fromEntries(routes) as Record<RouteName, RouteResult>
  }

  #route(name: ServerName, route: RouteName): RouteResult {
    const loads = this.#loads.of(`${name} ${route}`)
    return {
      ratio: name === BASELINE ? 1 : rounded(median(this.#ratios.of(`${name} ${route}`)), 3),
      rps: rounded(median(loads.map(({ rps }) => rps)), 0),
      p99ms: rounded(median(loads.map(({ p99ms }) => p99ms)), 1),
      roundTrips: this.#roundTrips.get(name)![route],
      errors: loads.reduce((sum, { errors }) => sum + errors, 0),
    }
  }

  #memoryOf(name: ServerName): MemoryResult {
    const ratio = name === BASELINE ? 1 : rounded(median(this.#memoryRatios.of(name)), 2)
    return { rssMb: rounded(median(this.#memory.of(name)), 0), ratio }
  }
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
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
