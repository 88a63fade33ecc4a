import { rows } from '../table.js'

/** Who is compared; the others are measured by the first. */
export const DELIVERY_SERVERS = ['handwritten', 'inline', 'one-commit'] as const
export type DeliveryServer = (typeof DELIVERY_SERVERS)[number]

/** What is known of one server: medians over the rounds. */
export interface DeliveryResult {
  /** Deliveries per second, divided by those of the server by hand beside it. */
  readonly ratio: number
  readonly perSecond: number
  readonly p99ms: number
  /** Of the database, for a delivery that comes alone, counted at the wire. */
  readonly roundTrips: number
  /** What a delivery cost the server's process, in microseconds. */
  readonly serverUs: number
  /** What it cost PostgreSQL's processes; `null` where the system does not tell. */
  readonly databaseUs: number | null
  /** Answers other than 200, over all rounds. */
  readonly errors: number
}

/** What `--json` writes. */
export interface DeliveriesResult {
  readonly version: 1
  readonly baseline: 'handwritten'
  /** Whether PostgreSQL waited for the disk. */
  readonly fsync: boolean
  readonly results: { readonly [Name in DeliveryServer]?: DeliveryResult }
}

/** The result for people. */
export function deliveryTable({ results, fsync }: DeliveriesResult): string {
  const cells = Object.entries(results).map(([name, result]) => [
    name,
    result.ratio.toFixed(2),
    String(result.perSecond),
    result.p99ms.toFixed(1),
    String(result.roundTrips),
    String(result.serverUs),
    String(result.databaseUs ?? '?'),
    String(result.errors),
  ])
  const head = [
    'verified deliveries, one effect each',
    'ratio',
    'a second',
    'p99 ms',
    'trips',
    'CPU µs',
    'PG µs',
    'errors',
  ]
  return `${rows([head, ...cells])}fsync=${fsync ? 'on' : 'off'}\n`
}
