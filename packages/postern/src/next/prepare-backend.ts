import { applyMigrations, type MigrationTarget, pendingMigrations } from '../database/migrations.js'
import { observeEveryBackend } from '../every-backend.js'
import { type LogOptions, logs } from '../server/logs.js'
import type { RunningWorker } from '../workers/worker.js'

/** What `prepareBackend()` takes beside the backend. */
export interface PrepareOptions {
  /** The folder of the migrations, from the project on. Default `migrations`. */
  readonly migrations?: string
  /** How the log is written, on standard output; `false` for none. */
  readonly logs?: LogOptions | false
  /**
   * Imports `backend.workers.ts`: what your webhooks and jobs need beside requests runs in this process from then on. Left out where
   * a process of its own does that.
   */
  readonly workers?: () => Promise<unknown>
}

/** What `prepareBackend()` needs of a backend. */
interface Preparable {
  readonly database: MigrationTarget & {
    readonly kind: 'postgres' | 'embedded'
    readonly label: string
    open(): Promise<void>
  }
  readonly workers: { start(): Promise<RunningWorker | null> }
}

/**
 * Does in `instrumentation.ts`, before Next.js serves, what `postern start` does: loads the backend, writes the log of all requests,
 * applies the migrations, connects to the database. In production on PostgreSQL it applies none, because many processes start at
 * once: a server that lacks some does not start. While `next build` runs it does nothing.
 *
 * What keeps it from that is thrown in development. In production it is written to standard error in one sentence, and the process
 * ends with 1: Next.js would go on, and answer each request with 500.
 *
 * @example
 * // instrumentation.ts
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME === 'nodejs') {
 *     const { prepareBackend } = await import('postern/next')
 *     await prepareBackend(() => import('./backend.ts'), { workers: () => import('./backend.workers.ts') })
 *   }
 * }
 */
export async function prepareBackend(
  load: () => Promise<{ readonly backend: Preparable }>,
  options: PrepareOptions = {},
): Promise<void> {
  if (process.env['NEXT_PHASE'] === 'phase-production-build') return
  try {
    await prepare(load, options)
  } catch (error) {
    if (process.env['NODE_ENV'] === 'production') endProcess(error)
    throw error
  }
}

async function prepare(load: Parameters<typeof prepareBackend>[0], options: PrepareOptions): Promise<void> {
  if (options.logs !== false) observeEveryBackend('log', logs(options.logs))
  const { backend } = await load()
  const { database } = backend
  const { migrations = 'migrations' } = options
  if (database.kind === 'embedded' || process.env['NODE_ENV'] !== 'production') {
    await applyMigrations(database, migrations).catch(refuseLogin)
  } else {
    await refusePending(database, migrations)
  }
  await database.open()
  if (options.workers === undefined) return
  await options.workers()
  await startAnew(backend)
}

/** On `globalThis`: Next.js may call `register` of a newer copy in the same process, and what the last one started must end. */
const KEY = Symbol.for('postern.next-workers')

async function startAnew({ workers }: Preparable): Promise<void> {
  const home = globalThis as { [KEY]?: RunningWorker | null }
  await home[KEY]?.stop(0)
  home[KEY] = null
  home[KEY] = await workers.start()
}

/** PostgreSQL's own words for it name a schema that the reader has never seen. */
function refuseLogin(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error
  const sentence =
    'The login of the database may not apply migrations. Name the owner of the tables in MIGRATION_DATABASE_URL'
  throw new Error(sentence, { cause: error })
}

async function refusePending(database: Preparable['database'], directory: string): Promise<void> {
  const pending = await pendingMigrations(database, directory)
  if (pending.length === 0) return
  const what = pending.length === 1 ? `The migration ${pending[0]} is` : `${pending.length} migrations are`
  throw new Error(`${what} not applied to ${database.label}. Run \`postern migrate up\` first`)
}

function endProcess(error: unknown): void {
  const { message, hint } = (error ?? {}) as { readonly message?: string; readonly hint?: string }
  process.stderr.write(`postern: ${message ?? String(error)}${hint === undefined ? '' : `. ${hint}`}\n`)
  process.exit(1)
}
