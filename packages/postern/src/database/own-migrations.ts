import type { Connection } from './connections.js'
import { run } from './migration-journal.js'
import { beginAlone } from './migration-lock.js'
import { OWN_MIGRATIONS, type OwnMigration } from './own-tables.js'

/**
 * Brings the framework's own tables up to date, after the project's migrations: the first of those makes the roles that the
 * tables are granted to. A database without the roles gets none, and nobody could use them there. What was applied stands in
 * `postern.own_migrations`, apart from the project's journal: its numbers and files are the project's own.
 */
export async function applyOwnMigrations(connection: Connection, onWaiting: () => void): Promise<void> {
  if ((await pending(connection)).length === 0) return
  await beginAlone(connection, onWaiting)
  try {
    // Asked again under the lock: another process may have been first.
    const missing = await pending(connection)
    if (missing.length > 0) await apply(connection, missing)
    await run(connection, 'commit')
  } catch (error) {
    await run(connection, 'rollback').catch(() => undefined)
    throw error
  }
}

async function apply(connection: Connection, missing: readonly OwnMigration[]): Promise<void> {
  await run(connection, 'create schema if not exists postern')
  await run(connection, 'grant usage on schema postern to service_role')
  await run(
    connection,
    `create table if not exists postern.own_migrations (
       name text primary key, applied_at timestamptz(3) not null default now())`,
  )
  for (const { name, statements } of missing) {
    for (const statement of statements) await run(connection, statement)
    await run(connection, 'insert into postern.own_migrations (name) values ($1)', [name])
  }
}

async function pending(connection: Connection): Promise<OwnMigration[]> {
  const { rows } = await run(connection, STATE)
  const [hasRoles, hasTable] = rows[0] ?? []
  if (hasRoles !== 't') return []
  if (hasTable !== 't') return [...OWN_MIGRATIONS]
  const applied = (await run(connection, 'select name from postern.own_migrations')).rows.flat()
  return OWN_MIGRATIONS.filter(({ name }) => !applied.includes(name))
}

/** By the catalog, for the reason that `readJournal()` gives. */
const STATE = `select
  (select count(*) = 3 from pg_catalog.pg_roles where rolname in ('anon', 'authenticated', 'service_role')),
  exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'postern' and c.relname = 'own_migrations')`
