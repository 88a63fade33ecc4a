import type { Connection } from './connections.js'
import { MigrationError, readMigrations, type MigrationFile } from './migration-files.js'
import { splitStatements, type FileStatement } from './split-statements.js'
import type { StatementResult } from './statement.js'

export { MigrationError } from './migration-files.js'

/** What migrations need of a database: a connection of the tables' owner, the same one throughout `work`. */
export interface MigrationTarget {
  asOwner<T>(work: (connection: Connection) => Promise<T>): Promise<T>
}

interface ApplyOptions {
  /** Called after each migration's COMMIT, with its name and how long it took in milliseconds. */
  readonly onApplied?: (name: string, ms: number) => void
}

/**
 * Applies the migrations of a directory that the database has not seen, in the order of their numbers: each in one
 * transaction, under an advisory lock, so that processes that start together apply each of them once.
 * Answers the names it applied. Throws a `MigrationError` (with a `hint`) for a file that was changed or removed after
 * it was applied, and for one that fails, of which nothing stays.
 *
 * @example
 * await applyMigrations(backend.database, 'migrations', { onApplied: (name) => console.log(name) })
 */
export async function applyMigrations(
  target: MigrationTarget,
  directory: string,
  options: ApplyOptions = {},
): Promise<string[]> {
  const files = await readMigrations(directory)
  const applied: string[] = []
  await target.asOwner(async (connection) => {
    for (const file of remaining(files, await readJournal(connection))) {
      const started = performance.now()
      if (!(await applyOne(connection, file, files))) continue
      applied.push(file.name)
      options.onApplied?.(file.name, performance.now() - started)
    }
  })
  return applied
}

/**
 * The names of the migrations that the database has not seen, in order; changes nothing. Throws as `applyMigrations()`.
 *
 * @example
 * const pending = await pendingMigrations(backend.database, 'migrations')
 */
export async function pendingMigrations(target: MigrationTarget, directory: string): Promise<string[]> {
  const files = await readMigrations(directory)
  const journal = await target.asOwner(readAsAnyone)
  return remaining(files, journal).map((file) => file.name)
}

const TRANSACTION_WORDS = /^(?:begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b(?!\s+to\b)/i

async function applyOne(
  connection: Connection,
  file: MigrationFile,
  files: readonly MigrationFile[],
): Promise<boolean> {
  const statements = splitStatements(file.sql)
  const ends = statements.find((statement) => TRANSACTION_WORDS.test(statement.text))
  if (ends !== undefined) {
    const hint = 'A migration runs in one transaction of its own: take that statement out'
    throw new MigrationError(`migrations/${file.file}:${ends.line} begins or ends a transaction`, hint)
  }
  await run(connection, 'begin')
  try {
    await run(connection, "select pg_advisory_xact_lock(hashtextextended('postern.migrations', 0))")
    // Read again under the lock: another process may have applied it while this one waited.
    if (!remaining(files, await readJournal(connection)).some((other) => other.name === file.name)) {
      await run(connection, 'rollback')
      return false
    }
    await prepareJournal(connection)
    for (const statement of statements) await runOf(connection, file, statement)
    // A file that forgot its `reset role` must not write the journal as the service.
    await run(connection, 'reset role')
    await run(connection, SHOW_SERVICE)
    await run(connection, 'insert into postern.migrations (name, checksum) values ($1, $2)', [file.name, file.checksum])
    await run(connection, 'commit')
    return true
  } catch (error) {
    // The first error is the one to tell, also when the connection is gone and ROLLBACK fails too.
    await run(connection, 'rollback').catch(() => undefined)
    throw error
  }
}

async function runOf(connection: Connection, file: MigrationFile, statement: FileStatement): Promise<void> {
  try {
    await run(connection, statement.text)
  } catch (error) {
    const { message, position } = error as { message: string; position?: string | number }
    const inside = statement.text.slice(0, Number(position ?? 1) - 1).split('\n').length - 1
    const hint = 'Nothing of this migration was applied: correct the file and run `postern migrate up` again'
    throw new MigrationError(`migrations/${file.file}:${statement.line + inside} failed: ${message}`, hint, {
      cause: error,
    })
  }
}

type Journal = ReadonlyMap<string, string>

function remaining(files: readonly MigrationFile[], journal: Journal): MigrationFile[] {
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const [name, checksum] of journal) {
    const file = byName.get(name)
    if (file === undefined) {
      const hint = 'Bring the file back from version control; undo a migration by writing a new one'
      throw new MigrationError(`The database has applied ${name}, but migrations/${name}.sql is not there`, hint)
    }
    if (file.checksum !== checksum) {
      const hint = 'Bring back the file as it was applied, and write the change as a new migration'
      throw new MigrationError(`migrations/${file.file} was changed after it was applied`, hint)
    }
  }
  const last = [...journal.keys()].sort().at(-1) ?? ''
  const pending = files.filter((file) => !journal.has(file.name))
  const late = pending.find((file) => file.name < last)
  if (late !== undefined) {
    const hint = `Give it a number after ${last.slice(0, 4)}: databases that are further on would never see it in its place`
    throw new MigrationError(`migrations/${late.file} comes before ${last}, which is applied already`, hint)
  }
  return pending
}

/**
 * Asks the catalog and not `to_regclass()`: that answers from a cache which waiting for an advisory lock does not refresh,
 * so a process that waited for the first migration would not see that it is applied, and apply it again (ran).
 */
async function readJournal(connection: Connection): Promise<Journal> {
  const exists = await run(
    connection,
    `select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'postern' and c.relname = 'migrations')`,
  )
  if (exists.rows[0]?.[0] !== 't') return new Map()
  const { rows } = await run(connection, 'select name, checksum from postern.migrations order by name')
  return new Map(rows.map(([name, checksum]) => [name ?? '', checksum ?? '']))
}

/** A server in production has a login of its own, which owns nothing: it looks as the service. */
async function readAsAnyone(connection: Connection): Promise<Journal> {
  await run(connection, 'begin')
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

async function prepareJournal(connection: Connection): Promise<void> {
  await run(connection, 'create schema if not exists postern')
  await run(
    connection,
    `create table if not exists postern.migrations (
       name text primary key, checksum text not null, applied_at timestamptz(3) not null default now())`,
  )
}

/** The first migration makes the role, so this comes after its statements. */
const SHOW_SERVICE = `do $$ begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then return; end if;
  grant usage on schema postern to service_role;
  grant select on postern.migrations to service_role;
end $$`

async function run(connection: Connection, text: string, values: readonly unknown[] = []): Promise<StatementResult> {
  const [result] = await connection.batch([{ text, values }])
  if (result === undefined) throw new Error('The database answered nothing to a statement of a migration')
  return result
}
