import type { Database } from './database/database.js'
import type { Schema } from './database/scope-types.js'
import type { Events } from './events.js'
import type { ForeignDatabase } from './foreign-database.js'
import type { Host } from './host.js'
import type { CorsPolicy } from './http/cors.js'
import type { Jobs } from './jobs/jobs.js'
import type { Limits } from './limits.js'
import type { Authenticate } from './principal.js'
import type { DefinedWebhooks } from './webhooks-defined.js'
import type { Workers } from './workers/workers.js'

/**
 * Where a backend and each of its handlers keep what they share while they run. `postern/testing` finds it there to put
 * another authentication in the place of the backend's own, and to see that a handler belongs to the backend under test.
 *
 * **Security:** no request can reach it: nothing in a request names a property, and only code that holds the backend
 * object, and so could do anything already, can ask for this symbol.
 */
export const RUNTIME: unique symbol = Symbol.for('postern.runtime') as never

/** What every endpoint and action of a backend shares. */
export interface EndpointOptions {
  readonly database: Database<Schema> | ForeignDatabase
  /** Read anew by every request: `postern/testing` puts its own in the place of it. */
  authenticate: Authenticate
  readonly events: Events
  /** The framework that actions run in. Read anew by every call: `postern/testing` puts its own in the place of it. */
  host: Host | null
  readonly origins: readonly string[]
  readonly cors: CorsPolicy | null
  readonly trustProxy: number
  readonly maxBodyBytes: number
  readonly requestTimeoutMs: number
  readonly limits: Limits
  readonly strict: boolean
  /** Those that were defined so far: a worker processes their events. */
  readonly webhooks: DefinedWebhooks
  /** What must run beside requests, as webhooks and jobs were defined. */
  readonly workers: Workers
  /** The jobs that were defined; `null` where the database is a client of another library. */
  readonly jobs: Jobs | null
}

/** What a backend's endpoints share, `undefined` for anything that no backend made. */
export function runtimeOf(value: unknown): EndpointOptions | undefined {
  const holds = (typeof value === 'object' || typeof value === 'function') && value !== null && RUNTIME in value
  return holds ? (value as { readonly [RUNTIME]: EndpointOptions })[RUNTIME] : undefined
}
