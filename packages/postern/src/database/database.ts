import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { Events, type Observer } from '../events.js'
import type { Connections, OwnerConnection, PoolOptions } from './connections.js'
import { drizzleOver } from './drizzle.js'
import { inspectServer } from './inspect-server.js'
import { LEAD_TO, type Leading } from './lead-to.js'
import { connectionsFor } from './place.js'
import type { Share } from './registry.js'
import { assertNamesAreFree } from './scope.js'
import { LONGEST_MS, wholeNumber } from '../whole-number.js'
import { ACTS_AS_SERVICE, serviceRunner } from './service.js'
import { Unit, type UnitOptions } from './unit.js'

/** What `database()` takes. Everything but the schema has a default. */
export interface DatabaseOptions<S extends Record<string, unknown>> extends PoolOptions {
  /** Your tables: `import * as schema from './schema.js'`. */
  readonly schema: S
  /** PostgreSQL's URL (default: `DATABASE_URL`, read at the first use; empty means embedded). */
  readonly url?: string
  /** The URL of the tables' owner, for migrations and seeds (default: `MIGRATION_DATABASE_URL`, then `url`). */
  readonly migrationUrl?: string
  /** Where the embedded database lives (default: `POSTERN_DIRECTORY`, then `.postern/db`); `memory://` keeps nothing. */
  readonly directory?: string
  /** How long one statement may run, in milliseconds (default 10,000). */
  readonly statementTimeoutMs?: number
  /** How long a transaction may wait for its next statement, in milliseconds (default 60,000); PostgreSQL ends its connection then. */
  readonly idleTransactionMs?: number
  /** `false` for poolers that cannot keep prepared statements (default `true`, and `false` with `?pgbouncer=true` in the URL). */
  readonly prepare?: boolean
}

/** A database and its tables. Made by `database()`. */
export interface Database<S extends Record<string, unknown>> {
  readonly schema: S
  /** For people: where it is, without a password. */
  readonly label: string
  readonly kind: Connections['kind']
  /** A unit of work: as whom statements run, and which share a transaction. Close it. */
  unit(options: UnitOptions): Unit
  /**
   * A Drizzle handle as the service, for libraries that keep tables of their own. In a request it joins the transaction that is
   * open there; else each statement is its own, and `transaction()` opens one.
   */
  service(name: string): NodePgDatabase<S>
  /** Connects, and looks whether the login is harmless; what is not becomes a `database.warning`. Throws `DatabaseUnreachable`. */
  open(): Promise<void>
  /** More wait for a connection, and have for a while, than connections can serve soon: `serve()` refuses new requests then. */
  readonly isCrowded: boolean
  /** Answers when the database does; throws otherwise, after two seconds at the latest. */
  ping(): Promise<void>
  /** Works as the owner of the tables: for migrations and seeds. */
  asOwner<T>(work: (connection: OwnerConnection) => Promise<T>): Promise<T>
  /** Hears what happens to the connections. The answer stops it. */
  observe(observer: Observer): () => void
  close(): Promise<void>
}

/**
 * Names the database: PostgreSQL by URL, or the embedded one. Opens nothing by itself: the first statement does.
 * Throws on a table whose name would hide what a scope offers, and on a number that can't be meant.
 *
 * @example
 * import * as schema from './schema.js'
 * export const db = database({ schema })
 */
export function database<S extends Record<string, unknown>>(options: DatabaseOptions<S>): Database<S> {
  assertNamesAreFree(options.schema)
  assertNumbers(options)
  const events = new Events()
  let open = () => connectionsFor(options)
  let opened: { readonly share: Share; readonly stop: () => void } | undefined
  const connections = (): Connections => {
    if (opened === undefined) {
      const share = open()
      opened = { share, stop: share.connections.observe((event) => events.emit(event)) }
    }
    return opened.share.connections
  }
  const unit = (unitOptions: UnitOptions) => new Unit(connections(), { ...limits(options), ...unitOptions })

  const close = async () => {
    const closing = opened
    opened = undefined
    closing?.stop()
    await closing?.share.close()
  }

  const made: Database<S> & Leading = {
    schema: options.schema,
    get label() {
      return connections().label
    },
    get kind() {
      return connections().kind
    },
    get isCrowded() {
      return opened?.share.connections.isCrowded === true
    },
    unit,
    service: () =>
      Object.assign(drizzleOver(options.schema, serviceRunner(connections, unit)), { [ACTS_AS_SERVICE]: true }),
    async open() {
      const start = performance.now()
      const warnings = await inspectServer(connections())
      events.emit({ type: 'database.opened', database: connections().label, ms: performance.now() - start })
      for (const warning of warnings) events.emit({ type: 'database.warning', ...warning })
    },
    ping: () => ping(connections()),
    asOwner: (work) => connections().asOwner(work),
    observe: (observer) => events.observe(observer),
    close,
    async [LEAD_TO](place) {
      await close()
      open = place
    },
  }
  return made
}

/** Refused here, because PostgreSQL would say so only in the transactions of requests. */
function assertNumbers(options: Pick<UnitOptions, 'statementTimeoutMs' | 'idleTransactionMs'> & PoolOptions): void {
  for (const name of ['statementTimeoutMs', 'idleTransactionMs', 'poolWaitMs', 'poolSize'] as const) {
    const value = options[name]
    if (value !== undefined) wholeNumber(name, value, 1, name === 'poolSize' ? MOST_CONNECTIONS : LONGEST_MS)
  }
}

/** What PostgreSQL's max_connections can be. */
const MOST_CONNECTIONS = 262_143

/** A connection that stays silent is given up: kept, each look at the database's health would take another out of the pool. */
async function ping(connections: Connections): Promise<void> {
  const held = await connections.acquire()
  const giveUp = setTimeout(() => held.release(true), PING_MS)
  try {
    await held.batch([{ text: 'select 1', values: [] }])
  } finally {
    clearTimeout(giveUp)
    held.release()
  }
}

const PING_MS = 2_000

function limits({
  statementTimeoutMs,
  idleTransactionMs,
  prepare,
}: Pick<UnitOptions, 'statementTimeoutMs' | 'idleTransactionMs' | 'prepare'>): Partial<UnitOptions> {
  return {
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
    ...(idleTransactionMs === undefined ? {} : { idleTransactionMs }),
    ...(prepare === undefined ? {} : { prepare }),
  }
}
