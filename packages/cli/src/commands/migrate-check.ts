import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MigrationTarget } from 'postern/database'
import { UsageError } from '../errors.js'
import { type CatalogFact, catalogFacts } from '../migrate/catalog-facts.js'
import { inconsistencies } from '../migrate/consistency.js'
import { lastMigration } from '../migrate/directory.js'
import { driftBetween } from '../migrate/drift.js'
import { newMigration, snapshotOf } from '../migrate/new-migration.js'
import { emptySchemas } from '../migrate/empty-schemas.js'
import { changesBetween } from '../migrate/unsettled.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import { keepStdout } from '../project/keep-stdout.js'
import { type LoadedProject, loadProject } from '../project/load.js'
import { withScratchDatabase } from '../project/scratch-database.js'

/** `postern migrate check`: whether files, snapshots and schema agree, and what the SQL really makes. Opens no database of yours. */
export async function migrateCheck(context: Context, options: { readonly json?: boolean }): Promise<number> {
  const project = await enterProject(context)
  const print = options.json === true ? keepStdout() : undefined
  const loaded = await loadProject(project, 'migrate', { routes: false })
  const { terminal } = context
  const findings = await findingsOf(context, loaded, project.migrationsDirectory)
  if (print !== undefined) await print(JSON.stringify({ version: 1, findings }))
  else {
    for (const finding of findings) terminal.print(`${terminal.paint('red', 'wrong')}  ${finding}`)
    if (findings.length === 0) terminal.print('The migrations make the schema, and every table is locked')
  }
  return findings.length === 0 ? 0 : 1
}

/** What the files say first: SQL in the wrong order, or of another schema, would only say the same in worse words. */
async function findingsOf(context: Context, loaded: LoadedProject, directory: string): Promise<string[]> {
  const wrong = await inconsistencies(directory)
  if (wrong.length > 0) return wrong
  const { schema } = loaded.backend.database
  const { snapshot } = await lastMigration(directory)
  const changes = changesBetween(snapshot, await snapshotOf(schema, snapshot.id))
  if (changes.length > 0) return [unsettled(changes)]
  context.terminal.progress('Applying the migrations to an empty database')
  return withScratchDatabase(context.environment, async (scratch) => {
    await loaded.applyMigrations(scratch, directory).catch((error: Error & { hint?: string }) => {
      throw new UsageError(error.message, 'That is how an empty database would fare: correct it in that file', {
        cause: error,
      })
    })
    const made = await catalogFacts(scratch)
    const open = unlocked(made)
    return open.length > 0 ? open : notAsSchema(scratch, loaded, made)
  })
}

function unsettled([first, ...others]: readonly string[]): string {
  const rest = others.length === 0 ? '' : `, and ${others.length} more`
  return `The schema has changes that no migration holds: ${first}${rest} (run postern migrate new)`
}

const LOCKS = ['row-level security', 'forced row-level security']

function unlocked(made: readonly CatalogFact[]): string[] {
  return made
    .filter(
      ({ property, value, table }) => LOCKS.includes(property) && value === 'off' && !table.startsWith('postern.'),
    )
    .map(
      ({ table, property }) => `${table.replace(/^public\./, '')} has no ${property} when all migrations are applied`,
    )
}

/** Migrations by hand take the schema for settled: whether their SQL leads to it shows only when both are made. */
async function notAsSchema(
  scratch: MigrationTarget,
  { backend, applyMigrations }: LoadedProject,
  made: readonly CatalogFact[],
): Promise<string[]> {
  const { ROLES_SQL } = await import('postern/database')
  const directory = await mkdtemp(join(tmpdir(), 'postern-check-'))
  try {
    await emptied(scratch, made)
    const answers = { renames: [], drops: [] }
    const request = { name: undefined, empty: false, data: false, answers, rolesSql: ROLES_SQL }
    await newMigration(directory, backend.database.schema, request)
    await applyMigrations(scratch, directory)
    return driftBetween(await catalogFacts(scratch), made, 'the schema')
      .filter(({ kind, property }) => kind !== 'extra' && property !== 'grants')
      .map(({ place, message }) => `${place}: ${message}`)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function emptied(scratch: MigrationTarget, made: readonly CatalogFact[]): Promise<void> {
  const schemas = made.filter(({ property }) => property === 'schema').map(({ table }) => table)
  await emptySchemas(scratch, [...schemas, 'postern', 'pgboss'])
}
