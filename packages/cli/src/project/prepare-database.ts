import { UsageError } from '../errors.js'
import { type Context, isProduction } from './context.js'
import type { LoadedProject } from './load.js'
import { isForeign } from './parts.js'

/** What the database has to be before anything is served: at the schema that the code expects. */
export async function prepareDatabase(
  { environment }: Pick<Context, 'environment'>,
  {
    backend,
    applyMigrations,
    pendingMigrations,
  }: Pick<LoadedProject, 'backend' | 'applyMigrations' | 'pendingMigrations'>,
  directory: string,
  onApplied: (name: string, ms: number) => void,
): Promise<void> {
  if (isForeign(backend)) return
  // In production a deploy migrates once, on purpose; each of many processes that start must not.
  if (backend.database.kind === 'embedded' || !isProduction(environment)) {
    await applyMigrations(backend.database, directory, { onApplied })
    return
  }
  const pending = await pendingMigrations(backend.database, directory)
  if (pending.length === 0) return
  const what = pending.length === 1 ? `The migration ${pending[0]} is` : `${pending.length} migrations are`
  throw new UsageError(`${what} not applied to ${backend.database.label}`, 'Run `postern migrate up` first')
}
