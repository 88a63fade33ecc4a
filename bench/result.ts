/** The servers that are compared where none is named; the first is what the others are measured by. */
export const USUAL = [
  'handwritten',
  'handwritten-rls',
  'hono-drizzle',
  'fastify-drizzle',
  'postern',
  'postern-better-auth',
] as const
/** All that can be compared: those on Next.js are built first, which takes its time, so they are measured where they are named. */
export const SERVERS = [...USUAL, 'next-postern', 'next-prisma'] as const
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

/** What a request cost the processor, in microseconds: what counts where the machine has other work too. */
export interface CpuResult {
  readonly serverUs: number
  /** Of PostgreSQL's processes; `null` where the system does not tell. */
  readonly databaseUs: number | null
}

/** What `--json` writes. */
export interface BenchResult {
  readonly version: 1
  readonly baseline: typeof BASELINE
  readonly results: { readonly [server: string]: { readonly [R in RouteName]: RouteResult } }
  readonly cpu: { readonly [server: string]: { readonly [R in RouteName]: CpuResult } }
  readonly memory: { readonly [server: string]: MemoryResult }
  /** How much longer a round trip to the database was made, as asked and as measured, where it was. */
  readonly latency?: { readonly askedMs: number; readonly measuredMs: number }
}
