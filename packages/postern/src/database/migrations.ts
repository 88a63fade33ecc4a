import type { Connection } from './connections.js'
import { MigrationError, readMigrations, type MigrationFile } from './migration-files.js'
import {
  type Journal,
  prepareJournal,
  readJournal,
  readJournalAsAnyone,
  run,
  writeJournal,
} from './migration-journal.js'
import { aloneInSession, beginAlone, endWithClient } from './migration-lock.js'
import { applyOwnMigrations } from './own-migrations.js'
import { onlyStatementOf, runMigrationStatement, runWithoutTransaction, statementsOf } from './migration-statements.js'

export { MigrationError } from './migration-files.js'

/** What migrations need of a database: a connection of the tables' owner, the same one throughout `work`. */
export interface MigrationTarget {
  asOwner<T>(work: (connection: Connection) => Promise<T>): Promise<T>
}

interface ApplyOptions {
  /** Called after each migration's COMMIT, with its name and how long it took in milliseconds. */
  readonly onApplied?: (name: string, ms: number) => void
  /** Called once when another process is migrating for more than a moment, and this one waits for it. */
  readonly onWaiting?: () => void
  /** The name of the last migration to apply (default: all). */
  readonly upTo?: string
}

/**
 * Applies the migrations of a directory that the database has not seen, in the order of their numbers: each in one
 * transaction, under an advisory lock, so that processes that start together apply each of them once. A file whose first
 * line is `-- postern: no transaction` holds one statement that PostgreSQL refuses in a transaction, and runs without.
 * Answers the names it applied. Throws a `MigrationError` (with a `hint`) for a file that was changed or removed after
 * it was applied, and for one that fails, of which nothing stays. The tables that the framework keeps for itself, in the
 * schema `postern`, come along.
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
  const { upTo, onApplied, onWaiting = () => {} } = options
  const applied: string[] = []
  await target.asOwner(async (connection) => {
    await endWithClient(connection)
    for (const file of remaining(files, await readJournal(connection))) {
      if (upTo !== undefined && file.name > upTo) break
      const started = performance.now()
      if (!(await applyOne(connection, file, files, onWaiting))) continue
      applied.push(file.name)
      onApplied?.(file.name, performance.now() - started)
    }
    await applyOwnMigrations(connection, onWaiting)
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
  const journal = await target.asOwner(readJournalAsAnyone)
  return remaining(files, journal).map((file) => file.name)
}

async function applyOne(
  connection: Connection,
  file: MigrationFile,
  files: readonly MigrationFile[],
  onWaiting: () => void,
): Promise<boolean> {
  const statements = statementsOf(file)
  // Read again under the lock: another process may have applied it while this one waited.
  const isNew = async () => remaining(files, await readJournal(connection)).some(({ name }) => name === file.name)
  if (file.withoutTransaction) {
    const statement = onlyStatementOf(file, statements)
    return aloneInSession(connection, onWaiting, async () => {
      if (!(await isNew())) return false
      await runWithoutTransaction(connection, file, statement)
      await run(connection, 'reset role')
      await prepareJournal(connection)
      await writeJournal(connection, file.name, file.checksum)
      return true
    })
  }
  await beginAlone(connection, onWaiting)
  try {
    if (!(await isNew())) {
      await run(connection, 'rollback')
      return false
    }
    await prepareJournal(connection)
    for (const statement of statements) await runMigrationStatement(connection, file, statement)
    // A file that forgot its `reset role` must not write the journal as the service.
    await run(connection, 'reset role')
    await writeJournal(connection, file.name, file.checksum)
    await run(connection, 'commit')
    return true
  } catch (error) {
    // The first error is the one to tell, also when the connection is gone and ROLLBACK fails too.
    await run(connection, 'rollback').catch(() => undefined)
    throw error
  }
}

/** Files that the database has not seen. Throws where journal and files contradict each other. */
export function remaining(files: readonly MigrationFile[], journal: Journal): MigrationFile[] {
  const byName = new Map(files.map((file) => [file.name, file]))
  for (const [name, { checksum }] of journal) {
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
