import type { Database } from './database/database.js'
import { LEAD_TO } from './database/lead-to.js'
import type { Schema, Scope } from './database/scope-types.js'
import { ACTS_AS_SERVICE } from './database/service.js'

declare const CLIENT: unique symbol

/**
 * Stands where a backend's tables would stand: its database is a client of another library (Prisma, Drizzle, supabase-js),
 * which functions get as `db`. `never` is a backend without a database.
 */
export type Foreign<Client> = { readonly [CLIENT]: Client }

/** What a backend is typed by, from what stood in `database`. */
export type SchemaOf<B> = [B] extends [never] ? Foreign<never> : [B] extends [Database<infer D>] ? D : Foreign<B>

/** What a function gets as `db`: the database as the principal may use it, or the client as it is. */
export type HandleOf<D extends Schema> = D extends Foreign<infer Client> ? Client : Scope<D>

/** A backend's own database, or what stands there for a client of another library. */
export type DatabaseOf<D extends Schema> = D extends Foreign<infer Client> ? ForeignDatabase<Client> : Database<D>

/**
 * A client of another library, as a host sees it. Postern neither opens nor closes it, and knows nothing of its tables:
 * whoever made it does.
 */
export interface ForeignDatabase<Client = unknown> {
  readonly kind: 'foreign'
  readonly client: Client
  /** For people. */
  readonly label: string
  readonly schema: Schema
  open(): Promise<void>
  ping(): Promise<void>
  close(): Promise<void>
}

/** Wraps what `createBackend` was given as `database` and `database()` has not made. Throws where there is nothing in it. */
export function foreignDatabase(options: { readonly database?: unknown }): ForeignDatabase {
  const { database: client } = options
  if ('database' in options && (client === undefined || client === null)) {
    throw new TypeError(
      `database is ${String(client)}: leave it out where there is none; where there is one, its module is perhaps still being loaded`,
    )
  }
  if (isObject(client) && ACTS_AS_SERVICE in client) {
    throw new TypeError('A handle of db.service() sees every row: give createBackend() the database itself')
  }
  const label = client === undefined ? 'none' : 'a client of your own'
  return { kind: 'foreign', client, label, schema: {}, open: nothing, ping: nothing, close: nothing }
}

async function nothing(): Promise<void> {}

/** Whether `database()` made it, this copy of the package or another. */
export function isDatabase(value: unknown): value is Database<Schema> {
  return isObject(value) && LEAD_TO in value
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null
}

/** Asked without a look at `kind`, which would open a database of our own. */
export function isForeign(database: Database<Schema> | ForeignDatabase): database is ForeignDatabase {
  return 'client' in database
}
