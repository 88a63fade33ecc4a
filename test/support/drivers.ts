import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, database, type DatabaseOptions } from '../../packages/postern/src/database/database.js'
import { type Identity, identityOf, SERVICE } from '../../packages/postern/src/database/identity.js'
import { ROLES_SQL } from '../../packages/postern/src/database/roles.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import type { Statement, StatementResult } from '../../packages/postern/src/database/statement.js'
import { createTestDatabase, execute, has, type TestDatabase, type TestServer } from './postgres.js'

type Options = Partial<Omit<DatabaseOptions<Schema>, 'schema' | 'url' | 'directory'>>
type Schema = Record<string, never>

/** Everything that a suite of the contract runs on: the two drivers, and what the second may meet on its way. */
export const PLACES = ['embedded', 'postgres-18', 'postgres-15', 'pgbouncer'] as const
export type Place = (typeof PLACES)[number]

/** One of the databases that every test of a suite runs on, with the table `notes` in it. */
export interface TestDriver {
  readonly place: Place
  readonly kind: 'postgres' | 'embedded'
  /** Another handle on the same database; closed after the suite. Waits 300 ms for a connection. */
  connect(options?: Options): Database<Schema>
  /** Sends a statement that says nothing of a role, on a connection of `connect(options)`. */
  bare(options: Options, statement: Statement): Promise<StatementResult>
  /** Runs a script as the superuser of the server, past any pooler; not on the embedded one. */
  superuser(sql: string): Promise<Record<string, unknown>[]>
}

export const alice = identityOf({ id: 'alice', roles: [], claims: {} })
export const bob = identityOf({ id: 'bob', roles: [], claims: {} })

const NOTES_SQL = `${ROLES_SQL}
create table notes (
  id bigint generated always as identity primary key,
  owner_id text not null default nullif(current_setting('request.jwt.claim.sub', true), ''),
  body text not null unique check (body <> '')
);
alter table notes enable row level security;
alter table notes force row level security;
grant select, insert, update, delete on notes to authenticated, service_role;
create policy own on notes to authenticated
  using (owner_id = (select nullif(current_setting('request.jwt.claim.sub', true), '')))
  with check (owner_id = (select nullif(current_setting('request.jwt.claim.sub', true), '')));
create policy service on notes to service_role using (true) with check (true);
create sequence ticks;
grant usage on sequence ticks to authenticated, service_role;`

/** One contract for both drivers, on every place; a place that this machine lacks is skipped by name. */
export function onEachDriver(suite: (driver: TestDriver) => void): void {
  onEachPlace((place) => {
    const kind = place === 'embedded' ? 'embedded' : 'postgres'
    const opened: Database<Schema>[] = []
    const directory = `memory://${randomUUID()}`
    let made: TestDatabase | undefined
    const where = () => (made === undefined ? { directory } : { url: made.url, migrationUrl: made.migrationUrl })
    const connect: TestDriver['connect'] = (options = {}) => {
      const db = database({ schema: {}, poolWaitMs: 300, ...where(), ...options })
      opened.push(db)
      return db
    }
    beforeAll(async () => {
      if (place !== 'embedded') made = await createTestDatabase({ on: place })
      await connect().asOwner((owner) => owner.script(NOTES_SQL))
    })
    afterAll(async () => {
      for (const db of opened) await db.close()
      await made?.drop()
    })
    const bare: TestDriver['bare'] = async (options, statement) => {
      const { connections, close } = connectionsFor({ poolWaitMs: 300, ...where(), ...options })
      try {
        return (await connections.withConnection((connection) => connection.batch([statement])))[0]!
      } finally {
        await close()
      }
    }
    suite({ place, kind, connect, bare, superuser: (sql) => execute(made!.adminUrl, sql) })
  })
}

/** Describes a suite once for each place, for suites that make their own database: `createTestDatabase({ on: place })`. */
export function onEachPlace(suite: (place: Place) => void, places: readonly Place[] = PLACES): void {
  for (const place of places) {
    const tests = () => {
      suite(place)
    }
    if (place === 'embedded' || has(place)) describe(`on ${place}`, tests)
    else describe.skip(`on ${place}: this machine has none (Debian: ${DEBIAN[place]})`, tests)
  }
}

const DEBIAN: Readonly<Record<TestServer, string>> = {
  'postgres-18': 'npm brings it',
  'postgres-15': 'apt-get install postgresql-15',
  pgbouncer: 'apt-get install pgbouncer',
}

/** Runs one statement in a unit of its own. */
export async function once(
  db: Database<Schema>,
  identity: Identity,
  text: string,
  values: unknown[] = [],
): Promise<StatementResult> {
  const unit = db.unit({ mode: 'statement' })
  try {
    return await unit.run(identity, { text, values })
  } finally {
    await unit.close()
  }
}

/** The bodies of all notes, whoever owns them, in order. */
export async function allNotes(db: Database<Schema>, like = '%'): Promise<(string | null)[]> {
  const { rows } = await once(db, SERVICE, 'select body from notes where body like $1 order by body', [like])
  return rows.map(([body]) => body!)
}
