import { MigrationError, readMigrations } from './migration-files.js'
import { type Journal, readJournalAsAnyone } from './migration-journal.js'
import { type MigrationTarget, remaining } from './migrations.js'

/** Where one migration stands: `changed` after it was applied, or applied and its file `missing`. */
export interface MigrationState {
  readonly name: string
  readonly state: 'applied' | 'pending' | 'changed' | 'missing'
  /** ISO 8601, in UTC; `null` where it is pending. */
  readonly appliedAt: string | null
}

/** Each migration of a directory and of the database, in order, and what keeps the pending ones from being applied. */
export interface MigrationStates {
  readonly migrations: readonly MigrationState[]
  readonly upToDate: boolean
  /** Why `applyMigrations()` would refuse, with what to do; `undefined` where it would not. */
  readonly refusal?: { readonly message: string; readonly hint: string }
}

/**
 * Compares a directory of migrations with what the database remembers. Makes nothing there, and works with a login that may
 * only become the service. Throws a `MigrationError` where the files have no order, or the login may not look.
 *
 * @example
 * const { upToDate } = await migrationStates(backend.database, 'migrations')
 */
export async function migrationStates(target: MigrationTarget, directory: string): Promise<MigrationStates> {
  const files = await readMigrations(directory)
  const journal = await target.asOwner(readJournalAsAnyone).catch((error: unknown) => {
    throw (error as { code?: unknown }).code === '42501' ? barred(error) : error
  })
  const checksums = new Map(files.map(({ name, checksum }) => [name, checksum]))
  const names = [...new Set([...checksums.keys(), ...journal.keys()])].sort()
  const migrations = names.map((name) => stateOf(name, checksums.get(name), journal))
  const refusal = refusalOf(() => remaining(files, journal))
  return {
    migrations,
    upToDate: migrations.every(({ state }) => state === 'applied'),
    ...(refusal === undefined ? {} : { refusal }),
  }
}

function stateOf(name: string, checksum: string | undefined, journal: Journal): MigrationState {
  const entry = journal.get(name)
  if (entry === undefined) return { name, state: 'pending', appliedAt: null }
  const state = checksum === undefined ? 'missing' : checksum === entry.checksum ? 'applied' : 'changed'
  return { name, state, appliedAt: entry.appliedAt }
}

function refusalOf(work: () => unknown): MigrationStates['refusal'] {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error
    return { message: error.message, hint: error.hint }
  }
}

const barred = (cause: unknown) =>
  new MigrationError(
    'This login may not read which migrations are applied',
    'Grant it the three roles with inherit false, set true, or name the owner of the tables in MIGRATION_DATABASE_URL',
    { cause },
  )
