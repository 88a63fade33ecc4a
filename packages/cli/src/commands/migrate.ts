import { newMigration } from '../migrate/new-migration.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { keepStdout } from '../project/keep-stdout.js'
import { loadProject } from '../project/load.js'

export interface MigrateNewOptions {
  readonly empty?: boolean
  readonly data?: boolean
  readonly rename?: readonly string[]
  readonly drop?: readonly string[]
}

/** `postern migrate new`: writes what leads from the last migration to the schema. Opens no database. */
export async function migrateNew(
  context: Context,
  name: string | undefined,
  options: MigrateNewOptions,
): Promise<void> {
  const project = await enterProject(context)
  const { backend } = await loadProject(project, 'migrate', { routes: false })
  const { ROLES_SQL } = await import('postern/database')
  const file = await newMigration(project.migrationsDirectory, backend.database.schema, {
    name,
    empty: options.empty === true || options.data === true,
    data: options.data === true,
    answers: { renames: options.rename ?? [], drops: options.drop ?? [] },
    rolesSql: ROLES_SQL,
  })
  if (file === null) context.terminal.print('Nothing changed: the migrations make this schema already')
  else context.terminal.print(`Wrote migrations/${file}; read it, then run postern migrate up`)
}

/** `postern migrate up`: applies what the database has not seen. */
export async function migrateUp(context: Context, options: { readonly json?: boolean }): Promise<void> {
  const project = await enterProject(context)
  const print = options.json ? keepStdout() : undefined
  const { backend, applyMigrations } = await loadProject(project, 'migrate', { routes: false })
  const { terminal } = context
  try {
    const applied = await applyMigrations(backend.database, project.migrationsDirectory, {
      onApplied: (name, ms) => options.json || terminal.print(`Applied ${name} in ${Math.round(ms)} ms`),
      onWaiting: () => terminal.note('Another process is migrating this database: waiting for it'),
    })
    await print?.(JSON.stringify({ version: 1, database: backend.database.label, applied }))
    if (!options.json && applied.length === 0)
      terminal.print(`Nothing to apply: ${backend.database.label} has every migration`)
  } finally {
    await backend.database.close()
  }
}
