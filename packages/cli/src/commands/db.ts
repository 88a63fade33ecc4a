import { UsageError } from '../errors.js'
import { emptySchemas } from '../migrate/empty-schemas.js'
import { snapshotOf } from '../migrate/new-migration.js'
import { type Context, isProduction } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { type LoadedProject, loadProject } from '../project/load.js'
import type { LoadedDatabase } from '../project/parts.js'
import { prepareDatabase } from '../project/prepare-database.js'

/** `postern db seed`: runs `seed.ts` as the service, on a database that is up to date. */
export async function dbSeed(context: Context): Promise<void> {
  const project = await enterProject(context)
  const loaded = await loadProject(project, 'db', { routes: false })
  if (loaded.seed === undefined) {
    const hint = 'Write one: export default async (db) => { await db.insert(…).values(…) }'
    throw new UsageError(`There is no seed.ts in ${project.directory}`, hint)
  }
  try {
    await prepareDatabase(context, loaded, project.migrationsDirectory, (name) =>
      context.terminal.print(`Applied ${name}`),
    )
    await runSeed(loaded, context)
  } finally {
    await loaded.backend.database.close()
  }
}

/** `postern db reset`: drops everything of the project's, migrates, and seeds where there is a `seed.ts`. */
export async function dbReset(context: Context, options: { readonly force?: boolean }): Promise<void> {
  const project = await enterProject(context)
  const loaded = await loadProject(project, 'db', { routes: false })
  const { database } = loaded.backend
  refuseDanger(context, database, options.force === true)
  try {
    await dropSchemas(loaded)
    context.terminal.print(`Emptied ${database.label}`)
    await loaded.applyMigrations(database, project.migrationsDirectory, {
      onApplied: (name) => context.terminal.print(`Applied ${name}`),
    })
    if (loaded.seed !== undefined) await runSeed(loaded, context)
  } finally {
    await database.close()
  }
}

function refuseDanger({ environment }: Context, { kind, label }: LoadedDatabase, force: boolean): void {
  if (isProduction(environment)) {
    throw new UsageError(
      'A production database is not reset',
      'NODE_ENV says production; a backup and psql are the tools for that',
    )
  }
  if (kind === 'postgres' && !force) {
    throw new UsageError(`A reset drops all data of ${label}`, 'Say --force if that database is only for development')
  }
}

async function dropSchemas({ backend }: LoadedProject): Promise<void> {
  const { schemas } = await snapshotOf(backend.database.schema, '')
  const all = ['public', 'postern', 'pgboss', ...Object.keys(schemas)]
  await emptySchemas(backend.database, all)
}

async function runSeed({ backend, seed }: LoadedProject, { terminal }: Context): Promise<void> {
  const module = await seed?.()
  if (typeof module?.default !== 'function') {
    const hint = 'Write there: export default async (db) => { await db.insert(…).values(…) }'
    throw new UsageError('seed.ts has no default export that is a function', hint)
  }
  const started = performance.now()
  await (module.default as (db: unknown) => unknown)(backend.database.service('seed'))
  terminal.print(`Ran seed.ts in ${Math.round(performance.now() - started)} ms`)
}
