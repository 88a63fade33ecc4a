import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Database, database, type DatabaseOptions } from '../../packages/postern/src/database/database.js'
import { type Identity, identityOf, SERVICE } from '../../packages/postern/src/database/identity.js'
import { ROLES_SQL } from '../../packages/postern/src/database/roles.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import type { Statement, StatementResult } from '../../packages/postern/src/database/statement.js'
import { createTestDatabase, type TestDatabase } from './postgres.js'

type Options = Partial<Omit<DatabaseOptions<Schema>, 'schema' | 'url' | 'directory'>>
type Schema = Record<string, never>

/** One of the two databases that every test of a suite runs on, with the table `notes` in it. */
export interface TestDriver {
  readonly kind: 'postgres' | 'embedded'
  /** Another handle on the same database; closed after the suite. Waits 300 ms for a connection. */
  connect(options?: Options): Database<Schema>
  /** Sends a statement that says nothing of a role, on a connection of `connect(options)`. */
  bare(options: Options, statement: Statement): Promise<StatementResult>
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

/** One contract for both drivers: a real PostgreSQL and the embedded one. */
export function onEachDriver(suite: (driver: TestDriver) => void): void {
  describe.each(['postgres', 'embedded'] as const)('on %s', (kind) => {
    const opened: Database<Schema>[] = []
    const directory = `memory://${randomUUID()}`
    let place: TestDatabase | undefined
    const where = () => (place === undefined ? { directory } : { url: place.url, migrationUrl: place.migrationUrl })
    const connect: TestDriver['connect'] = (options = {}) => {
      const db = database({ schema: {}, poolWaitMs: 300, ...where(), ...options })
      opened.push(db)
      return db
    }
    beforeAll(async () => {
      if (kind === 'postgres') place = await createTestDatabase()
      await connect().asOwner((owner) => owner.script(NOTES_SQL))
    })
    afterAll(async () => {
      for (const db of opened) await db.close()
      await place?.drop()
    })
    const bare: TestDriver['bare'] = async (options, statement) => {
      const { connections, close } = connectionsFor({ poolWaitMs: 300, ...where(), ...options })
      try {
        return (await connections.withConnection((connection) => connection.batch([statement])))[0]!
      } finally {
        await close()
      }
    }
    suite({ kind, connect, bare })
  })
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
