import { type BenchResult, type RouteName, ROUTES } from './result.js'

/** The result for people: ratios, then what stands behind them. */
export function tableOf({ results, memory }: BenchResult): string {
  const names = Object.keys(results)
  const ratios = names.map((name) => [
    ...rowOf(name, (route) => results[name]![route].ratio.toFixed(2)),
    `${memory[name]!.ratio.toFixed(2)}`,
  ])
  const perSecond = names.map((name) => [
    ...rowOf(name, (route) => String(results[name]![route].rps)),
    String(memory[name]!.rssMb),
  ])
  const p99 = names.map((name) => rowOf(name, (route) => results[name]![route].p99ms.toFixed(1)))
  const trips = names.map((name) => rowOf(name, (route) => String(results[name]![route].roundTrips)))
  const errors = names.map((name) => rowOf(name, (route) => String(results[name]![route].errors)))
  return [
    columns([['requests per second, of handwritten', ...ROUTES, 'memory'], ...ratios]),
    columns([['requests per second', ...ROUTES, 'MB'], ...perSecond]),
    columns([['slowest of a hundred, ms', ...ROUTES], ...p99]),
    columns([['database round trips per request', ...ROUTES], ...trips]),
    columns([['errors', ...ROUTES], ...errors]),
  ].join('\n')
}

const rowOf = (name: string, cell: (route: RouteName) => string) => [name, ...ROUTES.map(cell)]

const FIRST = 38

function columns(rows: readonly (readonly string[])[]): string {
  return rows
    .map(([first = '', ...rest]) => `${first.padEnd(FIRST)}${rest.map((cell) => cell.padStart(10)).join('')}\n`)
    .join('')
}
