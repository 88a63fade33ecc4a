import { type BenchResult, type RouteName, ROUTES } from './result.js'

/** The result for people: ratios, then what stands behind them. */
export function tableOf({ results, cpu, memory, latency }: BenchResult): string {
  const names = Object.keys(results)
  const part = (title: string, cell: (name: string, route: RouteName) => string, last?: (name: string) => string) =>
    rows([
      [title, ...ROUTES, ...(last === undefined ? [] : ['memory'])],
      ...names.map((name) => [
        name,
        ...ROUTES.map((route) => cell(name, route)),
        ...(last === undefined ? [] : [last(name)]),
      ]),
    ])
  const parts = [
    part(
      'ratio of requests per second',
      (name, route) => results[name]![route].ratio.toFixed(2),
      (name) => memory[name]!.ratio.toFixed(2),
    ),
    part('database round trips per request', (name, route) => String(results[name]![route].roundTrips)),
    part(
      'requests per second; MB',
      (name, route) => String(results[name]![route].rps),
      (name) => String(memory[name]!.rssMb),
    ),
    part('99th percentile, ms', (name, route) => results[name]![route].p99ms.toFixed(1)),
    part('CPU of the server per request, µs', (name, route) => String(cpu[name]![route].serverUs)),
    part('CPU of PostgreSQL per request, µs', (name, route) => String(cpu[name]![route].databaseUs ?? '?')),
    part('errors', (name, route) => String(results[name]![route].errors)),
  ]
  if (latency !== undefined) {
    parts.push(`Each round trip to the database took ${latency.measuredMs} ms longer (asked: ${latency.askedMs} ms).\n`)
  }
  return parts.join('\n')
}

const FIRST = 34

/** Cells under one another: the first of a row to the left, the others to the right. */
export function rows(cells: readonly (readonly string[])[]): string {
  return cells
    .map(([first = '', ...rest]) => `${first.padEnd(FIRST)}${rest.map((cell) => cell.padStart(9)).join('')}\n`)
    .join('')
}
