import { randomUUID } from 'node:crypto'
import { type Backend, createBackend } from '../../packages/postern/src/backend.js'
import { type Database, database } from '../../packages/postern/src/database/database.js'
import type { Event } from '../../packages/postern/src/events.js'
import type { Handler } from '../../packages/postern/src/handler.js'
import type { Principal } from '../../packages/postern/src/principal.js'
import { createTestDatabase, execute, type TestServer } from '../support/postgres.js'
import * as schema from './every-rule.js'
import { migrated } from './migrated.js'

export type Rules = typeof schema

export interface World {
  readonly kind: 'postgres' | 'embedded'
  readonly database: Database<Rules>
  readonly where: { readonly url: string } | { readonly directory: string }
  /** Everything that was observed so far. */
  readonly events: Event[]
  readonly backend: Backend<Rules>
  /** As the superuser, on PostgreSQL only. */
  superuser(sql: string): Promise<void>
  close(): Promise<void>
}

export interface WorldOptions {
  readonly poolSize?: number
  readonly poolWaitMs?: number
  readonly statementTimeoutMs?: number
  /** On which server, for kind `postgres` (default `postgres-18`). */
  readonly on?: TestServer
}

/** A backend on a database of its own, with every ownership rule; whoever `x-test-user` names is signed in. */
export async function world(kind: World['kind'], { on, ...options }: WorldOptions = {}): Promise<World> {
  const place = kind === 'postgres' ? await createTestDatabase(on === undefined ? {} : { on }) : undefined
  const directory = `memory://${randomUUID()}`
  const where = place === undefined ? { directory } : { url: place.url, migrationUrl: place.migrationUrl }
  const db = database({ schema, poolWaitMs: 20_000, ...where, ...options })
  await migrated(db, schema)
  const backend = createBackend({ database: db, auth: whoever })
  const events: Event[] = []
  backend.events.observe((event) => void events.push(event))
  return {
    kind,
    database: db,
    where: place === undefined ? { directory } : { url: place.url },
    events,
    backend,
    superuser: async (sql) => void (await execute(place!.adminUrl, sql)),
    async close() {
      await db.close()
      await place?.drop()
    },
  }
}

export interface CallOptions {
  readonly as: string | null
  readonly method?: string
  readonly id?: string
  readonly body?: unknown
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** Calls a handler as a host would. */
export function call(handler: Handler, request: CallOptions): Promise<Response> {
  const { as, method = 'GET', id, body, query = '', signal } = request
  const headers = {
    ...request.headers,
    ...(as === null ? {} : { 'x-test-user': as }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  const sent = new Request(`http://127.0.0.1/api/things${id === undefined ? '' : `/${id}`}${query}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  })
  return id === undefined ? handler(sent) : handler(sent, { params: Promise.resolve({ id }) })
}

/** Anyone can say who they are: this is a test. */
export function whoever(request: Request): Principal | null {
  const id = request.headers.get('x-test-user')
  return id === null ? null : { id, roles: [], claims: {} }
}
