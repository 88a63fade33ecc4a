import type { Connection } from './connections.js'
import type { StatementResult } from './statement.js'

/** What the database remembers of its migrations, by their names. */
export type Journal = ReadonlyMap<string, JournalEntry>

interface JournalEntry {
  readonly checksum: string
  /** ISO 8601, in UTC with milliseconds. */
  readonly appliedAt: string
}

/**
 * Asks the catalog and not `to_regclass()`: that answers from a cache which waiting for an advisory lock does not refresh,
 * so a process that waited for the first migration would not see that it is applied, and apply it again (ran).
 */
export async function readJournal(connection: Connection): Promise<Journal> {
  const exists = await run(
    connection,
    `select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'postern' and c.relname = 'migrations')`,
  )
  if (exists.rows[0]?.[0] !== 't') return new Map()
  const { rows } = await run(
    connection,
    `select name, checksum, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
       from postern.migrations order by name`,
  )
  return new Map(
    rows.map(([name, checksum, appliedAt]) => [name ?? '', { checksum: checksum ?? '', appliedAt: appliedAt ?? '' }]),
  )
}

/** A server in production has a login of its own, which owns nothing: it looks as the service. Changes nothing. */
export async function readJournalAsAnyone(connection: Connection): Promise<Journal> {
  await run(connection, 'begin read only')
  try {
    const barred = await run(
      connection,
      `select true from pg_catalog.pg_namespace n where nspname = 'postern' and not has_schema_privilege(n.oid, 'usage')`,
    )
    if (barred.rows.length > 0) await run(connection, 'set local role service_role')
    return await readJournal(connection)
  } finally {
    await run(connection, 'rollback')
  }
}

export async function prepareJournal(connection: Connection): Promise<void> {
  await run(connection, 'create schema if not exists postern')
  await run(
    connection,
    `create table if not exists postern.migrations (
       name text primary key, checksum text not null, applied_at timestamptz(3) not null default now())`,
  )
}

export async function writeJournal(connection: Connection, name: string, checksum: string): Promise<void> {
  await run(connection, SHOW_SERVICE)
  await run(connection, 'insert into postern.migrations (name, checksum) values ($1, $2)', [name, checksum])
}

/** The first migration makes the role, so this comes after its statements. */
const SHOW_SERVICE = `do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then return; end if;
  grant usage on schema postern to service_role;
  grant select on postern.migrations to service_role;
end $$`

/** One statement by itself. Throws PostgreSQL's error. */
export async function run(
  connection: Connection,
  text: string,
  values: readonly unknown[] = [],
): Promise<StatementResult> {
  const [result] = await connection.batch([{ text, values }])
  if (result === undefined) throw new Error('The database answered nothing to a statement of a migration')
  return result
}
