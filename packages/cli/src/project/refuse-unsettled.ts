import { UsageError } from '../errors.js'
import { isSettled } from '../migrate/new-migration.js'
import type { Project } from './find-project.js'
import { isForeign, type LoadedBackend } from './parts.js'

/** Refuses to run code whose tables are not what its migrations make: the first query would fail, or worse, half work. */
export async function refuseUnsettled(project: Project, backend: LoadedBackend): Promise<void> {
  if (isForeign(backend)) return
  if (await isSettled(project.migrationsDirectory, backend.database.schema)) return
  throw new UsageError(
    'The schema has changes that no migration holds',
    'Run `postern migrate new` and read what it wrote',
  )
}
