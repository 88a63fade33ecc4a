import type { Context } from './context.js'
import type { LoadedProject } from './load.js'
import type { RunningServer } from './parts.js'
import { prepareDatabase } from './prepare-database.js'

interface Run {
  readonly port: number
  readonly hostname: string | undefined
  readonly migrationsDirectory: string
  readonly onApplied: (name: string, ms: number) => void
  /** A greeting says where it listens and what it opened: the log need not. */
  readonly greets: boolean
}

type Served = Pick<LoadedProject, 'backend' | 'routes' | 'serve' | 'applyMigrations' | 'pendingMigrations'>
type Working = Pick<LoadedProject, 'backend' | 'work' | 'applyMigrations' | 'pendingMigrations'>

/** Brings the database up to date and serves. When it throws, the database is closed again. */
export async function runServer(
  context: Pick<Context, 'environment'>,
  loaded: Served,
  run: Run,
): Promise<RunningServer> {
  const { backend, routes, serve } = loaded
  try {
    await prepareDatabase(context, loaded, run.migrationsDirectory, run.onApplied)
    const listen = run.hostname === undefined ? { port: run.port } : { port: run.port, hostname: run.hostname }
    const logs = { startLevel: run.greets ? 'debug' : 'info' } as const
    return await serve({ backend, routes, signals: true, logs, ...listen })
  } catch (error) {
    // Else the pool or the embedded database would keep a process alive that has nothing left to do.
    await backend.database.close().catch(() => undefined)
    throw error
  }
}

/** As `runServer`, for a process that only does what runs beside requests. */
export async function runWorker(
  context: Pick<Context, 'environment'>,
  loaded: Working,
  run: Pick<Run, 'migrationsDirectory' | 'onApplied' | 'greets'>,
): Promise<void> {
  const { backend, work } = loaded
  try {
    await prepareDatabase(context, loaded, run.migrationsDirectory, run.onApplied)
    await work({ backend, signals: true, logs: { startLevel: run.greets ? 'debug' : 'info' } })
  } catch (error) {
    await backend.database.close().catch(() => undefined)
    throw error
  }
}
