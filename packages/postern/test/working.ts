import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import type { Place } from '../../../test/support/drivers.js'
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js'
import { type Backend, createBackend } from '../src/backend.js'
import { applyMigrations, type Database, database } from '../src/database/index.js'
import type { Event } from '../src/events.js'
import type { Handler } from '../src/handler.js'
import type { Principal } from '../src/principal.js'
import type { Context } from '../src/slots.js'
import * as columns from '../src/schema/index.js'
import { schemaSql } from './schema-sql.js'

const { id: key, table, text, user } = columns

export const notes = table('notes', { id: key(), body: text().notNull() }, { owner: user() })
export const schema = { notes }
export type Schema = typeof schema

/** A process of somebody's: its own backend on the shared database, and what it told. */
export interface Process {
  readonly backend: Backend<Schema>
  readonly db: Database<Schema>
  readonly events: Event[]
  /** Who calls from now on; nobody at first. */
  signIn(id: string): void
  /** Calls a function as a principal, in a write's transaction. */
  asAlice(work: (context: Context<{}, Schema>) => unknown, of?: Partial<Principal>): Promise<unknown>
}

/** A database at a place, with the framework's tables, for the suite that calls this. */
export function workplace(place: Place) {
  const directory = `memory://${randomUUID()}`
  let made: TestDatabase | undefined
  const opened: Database<Schema>[] = []
  const open = () => {
    const where = made === undefined ? { directory } : { url: made.url, migrationUrl: made.migrationUrl }
    const db = database({ schema, poolWaitMs: 5_000, ...where })
    opened.push(db)
    return db
  }
  beforeAll(async () => {
    if (place !== 'embedded') made = await createTestDatabase({ on: place })
    const db = open()
    await db.asOwner(async (owner) => owner.script(await schemaSql(schema)))
    await applyMigrations(db, directory)
  })
  afterAll(async () => {
    for (const db of opened) await db.close()
    await made?.drop()
  })
  const rows = async (sql: string) => {
    const [, , result] = await opened[0]!.asOwner((owner) =>
      owner.batch([
        { text: 'begin', values: [] },
        { text: 'set local role service_role', values: [] },
        { text: sql, values: [] },
        { text: 'commit', values: [] },
      ]),
    )
    return result!.rows
  }
  const process = (): Process => {
    const db = open()
    const alice = { id: 'alice', roles: [], claims: {} }
    let caller: Principal | null = null
    const backend = createBackend({ database: db, auth: () => caller })
    const events: Event[] = []
    backend.events.observe((event) => void events.push(event))
    return {
      backend,
      db,
      events,
      signIn: (name) => void (caller = { ...alice, id: name }),
      async asAlice(work, of) {
        caller = { ...alice, ...of }
        const handler = backend.endpoint({}, work as never) as Handler
        const answer = await handler(new Request('http://127.0.0.1/', { method: 'POST' }))
        const said = await answer.text()
        const body = said === '' ? undefined : (JSON.parse(said) as unknown)
        if (!answer.ok)
          throw Object.assign(new Error(`answered ${answer.status}`), {
            cause: events.findLast(({ type }) => type === 'request.failed'),
          })
        return body
      },
    }
  }
  return { process, rows, directory, place: () => made }
}
