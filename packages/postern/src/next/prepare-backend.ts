import { applyMigrations, type MigrationTarget, pendingMigrations } from '../database/migrations.js'
import { observeEveryBackend } from '../every-backend.js'
import type { ForeignDatabase } from '../foreign-database.js'
import { type LogOptions, logs } from '../server/logs.js'

/** What `prepareBackend()` takes. */
export interface PrepareOptions {
  /** The folder of the migrations, from the project on. Default `migrations`. */
  readonly migrations?: string
  /** How the log is written, on standard output; `false` for none. */
  readonly logs?: LogOptions | false
}

/** What `prepareBackend()` needs of a backend. */
interface Preparable {
  readonly database: OwnDatabase | ForeignDatabase
}

interface OwnDatabase extends MigrationTarget {
  readonly kind: 'postgres' | 'embedded'
  readonly label: string
  open(): Promise<void>
}

/**
 * Does in `instrumentation.ts`, before Next.js serves, what `postern start` does: writes the log of all requests, applies the
 * migrations, connects to the database. In production on PostgreSQL it applies none, because many processes start at once:
 * it throws where some are missing, and the server does not start. Throws what the database says, `DatabaseUnreachable`
 * where there is none. While `next build` runs it does nothing.
 *
 * @example
 * // instrumentation.ts
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME === 'nodejs') {
 *     const { backend } = await import('./backend.ts')
 *     const { prepareBackend } = await import('postern/next')
 *     await prepareBackend(backend)
 *   }
 * }
 */
export async function prepareBackend(backend: Preparable, options: PrepareOptions = {}): Promise<void> {
  if (process.env['NEXT_PHASE'] === 'phase-production-build') return
  if (options.logs !== false) observeEveryBackend('log', logs(options.logs))
  const { database } = backend
  // A client of another library: its own tools migrate, and it connects when it is asked.
  if ('client' in database) return
  const { migrations = 'migrations' } = options
  if (database.kind === 'embedded' || process.env['NODE_ENV'] !== 'production') {
    await applyMigrations(database, migrations).catch(refuseLogin)
  } else {
    await refusePending(database, migrations)
  }
  await database.open()
}

async function refusePending(database: OwnDatabase, directory: string): Promise<void> {
  const pending = await pendingMigrations(database, directory)
  if (pending.length === 0) return
  const what = pending.length === 1 ? `The migration ${pending[0]} is` : `${pending.length} migrations are`
  throw new Error(`${what} not applied to ${database.label}. Run \`postern migrate up\` first`)
}

/** PostgreSQL's own words for it name a schema that the reader has never seen. */
function refuseLogin(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
  const sentence =
    'The login of the database may not apply migrations. Name the owner of the tables in MIGRATION_DATABASE_URL'
  throw new Error(sentence, { cause: error })
}
