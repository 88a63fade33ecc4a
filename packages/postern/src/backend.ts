import type { Database } from './database/database.js'
import type { Schema } from './database/scope-types.js'
import { type Endpoint, endpointOf } from './endpoint.js'
import { Events } from './events.js'
import type { Authenticate } from './principal.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'

/** What `createBackend` takes. */
export interface BackendOptions<D extends Schema> {
  readonly database: Database<D>
  /** Tells who calls: `jwt()`, `sessions()`, or a function of your own. */
  readonly auth: Authenticate
  /** Origins besides the request's own from which a browser may write with cookies: `https://app.example`. */
  readonly origins?: readonly string[]
  /** How many proxies stand in front and may be believed about protocol and request id. Default 0. */
  readonly trustProxy?: number
  /** The largest body, in bytes. Default 100,000. */
  readonly maxBodyBytes?: number
  /** The longest a request may take, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number
}

/** The constructors of everything that can be called, and what a host needs to serve them. */
export interface Backend<D extends Schema> {
  readonly endpoint: Endpoint<D>
  readonly database: Database<D>
  /** Everything observable: logs and metrics read it. */
  readonly events: Events
  /** How many proxies in front are believed: a host asks, so that it is said once. */
  readonly trustProxy: number
}

/**
 * Wires a database and an authentication to the constructors of endpoints. Opens nothing: the first request does.
 * Throws on an origin that isn't one.
 *
 * @example
 * export const backend = createBackend({ database: db, auth: jwt({ secret, issuer, audience }) })
 * export const { endpoint } = backend
 */
export function createBackend<D extends Schema>(options: BackendOptions<D>): Backend<D> {
  const events = new Events()
  const { database } = options
  database.observe((event) => events.emit(event))
  const runtime: EndpointOptions = {
    database: database as unknown as Database<Schema>,
    authenticate: options.auth,
    events,
    origins: (options.origins ?? []).map(toOrigin),
    trustProxy: options.trustProxy ?? 0,
    maxBodyBytes: options.maxBodyBytes ?? 100_000,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    strict: process.env.NODE_ENV !== 'production',
  }
  const endpoint = endpointOf<D>(runtime)
  return Object.defineProperty({ endpoint, database, events, trustProxy: runtime.trustProxy }, RUNTIME, {
    value: runtime,
  })
}

/** A browser sends an origin without a path or a slash at its end: anything else would never be equal to one. */
function toOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text) return text
  throw new TypeError(`"${text}" is no origin: write it like https://app.example`)
}
