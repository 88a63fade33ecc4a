/** The servers that can be compared; the first is what the others are measured by. */
export const SERVERS = ['handwritten', 'postern'] as const
export type ServerName = (typeof SERVERS)[number]
export const BASELINE = 'handwritten' satisfies ServerName

export const ROUTES = ['health', 'list', 'read', 'create', 'update', 'invalid'] as const
export type RouteName = (typeof ROUTES)[number]

/** What is known of one route of one server: medians over the rounds. */
export interface RouteResult {
  /** Requests per second, divided by those of the baseline beside it. */
  readonly ratio: number
  readonly rps: number
  readonly p99ms: number
  /** Of the database, per request, counted at the wire. */
  readonly roundTrips: number
  /** Answers other than the expected one, over all rounds. */
  readonly errors: number
}

/** What a server held in memory after the load. */
export interface MemoryResult {
  readonly rssMb: number
  readonly ratio: number
}

/** What `--json` writes. */
export interface BenchResult {
  readonly version: 1
  readonly baseline: typeof BASELINE
  readonly results: { readonly [server: string]: { readonly [R in RouteName]: RouteResult } }
  readonly memory: { readonly [server: string]: MemoryResult }
}
