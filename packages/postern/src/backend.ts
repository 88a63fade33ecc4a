import type { Schema } from './database/scope-types.js'
import { type ActionConstructor, actionOf } from './action.js'
import { type Endpoint, endpointOf } from './endpoint.js'
import { Events } from './events.js'
import { tellEveryObserver } from './every-backend.js'
import { type DatabaseOf, foreignDatabase, isDatabase, isForeign, type SchemaOf } from './foreign-database.js'
import type { Handler } from './handler.js'
import type { Host } from './host.js'
import { type CorsOptions, type CorsPolicy, corsPolicy, originsWithCookies } from './http/cors.js'
import { toOrigin } from './http/origin.js'
import { preflightOf } from './preflight.js'
import { type Limits, limitsOf } from './limits.js'
import type { Authenticate } from './principal.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'
import { webhookOf } from './webhook.js'
import type { Webhook } from './webhook-slots.js'
import { DefinedWebhooks } from './webhooks-defined.js'
import { type JobConstructor, jobOf } from './job.js'
import { Jobs } from './jobs/jobs.js'
import { LONGEST_MS, wholeNumber } from './whole-number.js'
import type { RunningWorker } from './workers/worker.js'
import { Workers } from './workers/workers.js'

/** What `createBackend` takes. */
export interface BackendOptions<B> {
  /**
   * What `database()` made; or a client of another library (Prisma, Drizzle, supabase-js), which functions get as `db`, and
   * whose rules are yours to say in each `owns` and `sees`. Without it there is no `db`.
   */
  readonly database?: B
  /** Tells who calls: `jwt()`, `sessions()`, or a function of your own. */
  readonly auth: Authenticate
  /** The framework that actions run in: `next()` of `postern/next`. Endpoints need none. */
  readonly host?: Host
  /** Origins besides the request's own from which a browser may write with cookies: `https://app.example`. */
  readonly origins?: readonly string[]
  /** Pages of which other origins may read the answers. Without it: none. */
  readonly cors?: CorsOptions
  /** How many proxies stand in front and may be believed about protocol and request id. Default 0. */
  readonly trustProxy?: number
  /** The largest body, in bytes. Default 100,000. */
  readonly maxBodyBytes?: number
  /** The longest a request may take, in milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number
  /** What one client may take; docs/limits.md has them all. */
  readonly limits?: Partial<Limits>
}

/** The constructors of everything that can be called, and what a host needs to serve them. */
export interface Backend<D extends Schema> {
  readonly endpoint: Endpoint<D>
  readonly action: ActionConstructor<D>
  readonly webhook: Webhook<D>
  readonly job: JobConstructor<D>
  readonly database: DatabaseOf<D>
  /** Everything observable: logs and metrics read it. */
  readonly events: Events
  /** How many proxies in front are believed: a host asks, so that it is said once. */
  readonly trustProxy: number
  /** Which origins may read: a host says it on the answers that no endpoint made. */
  readonly cors: CorsPolicy | null
  /**
   * Answers a browser that asks before it calls (CORS), where the host does not: in a `route.ts` of Next.js,
   * `export const OPTIONS = backend.preflight`. The standalone server needs none.
   */
  readonly preflight: Handler
  /** The limits that hold, for the host too. */
  readonly limits: Limits
  /** What webhooks and jobs need beside requests. `serve()` starts it, and elsewhere `runWorkers()` of `postern/server`. */
  readonly workers: { start(): Promise<RunningWorker | null> }
}

/**
 * Wires a database and an authentication to the constructors of endpoints. Opens nothing: the first request does.
 * Throws on a `database` that is there and empty, on an origin that isn't one, on a `cors` or a number that can't be meant, and on a limit that there isn't.
 *
 * @example
 * export const backend = createBackend({ database: db, auth: jwt({ secret, issuer, audience }) })
 * export const { endpoint } = backend
 *
 * @example
 * export const { endpoint } = createBackend({ database: prisma, auth: sessions(auth) })
 * export const GET = endpoint({ owns: ({ db, id, principal }) => db.post.findFirst({ where: { id, authorId: principal.id } }) }, ({ resource }) => resource)
 */
export function createBackend<B = never>(options: BackendOptions<B>): Backend<SchemaOf<B>> {
  const events = new Events()
  const database = isDatabase(options.database) ? options.database : foreignDatabase(options)
  const cors = options.cors === undefined ? null : corsPolicy(options.cors)
  if (!isForeign(database)) database.observe((event) => events.emit(event))
  events.observe(tellEveryObserver)
  const strict = process.env.NODE_ENV !== 'production'
  const runtime: EndpointOptions = {
    database,
    authenticate: options.auth,
    events,
    host: options.host ?? null,
    origins: [...(options.origins ?? []).map(toOrigin), ...originsWithCookies(cors)],
    cors,
    trustProxy: wholeNumber('trustProxy', options.trustProxy ?? 0, 0),
    maxBodyBytes: wholeNumber('maxBodyBytes', options.maxBodyBytes ?? 100_000),
    requestTimeoutMs: wholeNumber('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 1, LONGEST_MS),
    limits: limitsOf(options.limits),
    strict,
    workers: new Workers(isForeign(database) ? null : database, events),
    webhooks: new DefinedWebhooks(),
    jobs: isForeign(database) ? null : new Jobs({ database, events, strict }),
  }
  const endpoint = endpointOf<SchemaOf<B>>(runtime)
  const { trustProxy, limits, workers } = runtime
  const backend = {
    endpoint,
    action: actionOf<SchemaOf<B>>(runtime),
    webhook: webhookOf<SchemaOf<B>>(runtime),
    job: jobOf<SchemaOf<B>>(runtime),
    database: database as unknown as DatabaseOf<SchemaOf<B>>,
    events,
    trustProxy,
    limits,
    cors,
    preflight: preflightOf(runtime),
    workers: { start: () => workers.start() },
  }
  return Object.defineProperty(backend, RUNTIME, { value: runtime })
}
