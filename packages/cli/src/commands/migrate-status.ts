import { existsSync } from 'node:fs'
import type { MigrationStates, MigrationTarget } from 'postern/database'
import { UsageError } from '../errors.js'
import { catalogFacts } from '../migrate/catalog-facts.js'
import { type Drift, driftBetween } from '../migrate/drift.js'
import type { Context } from '../project/context.js'
import { enterProject } from '../project/enter.js'
import type { Project } from '../project/find-project.js'
import { keepStdout } from '../project/keep-stdout.js'
import { type LoadedProject, loadProject } from '../project/load.js'
import type { LoadedDatabase } from '../project/parts.js'
import { withScratchDatabase } from '../project/scratch-database.js'
import { migrationsTable } from '../report/migrations-table.js'

/** `postern migrate status`: where each migration stands. Changes nothing; 1 when something is pending, wrong or drifted. */
export async function migrateStatus(
  context: Context,
  options: { readonly json?: boolean; readonly drift?: boolean },
): Promise<number> {
  const project = await enterProject(context)
  const print = options.json === true ? keepStdout() : undefined
  const loaded = await loadProject(project, 'migrate', { routes: false })
  const { database } = loaded.backend
  const { migrationStates } = await import('postern/database')
  try {
    const states = await migrationStates(isMade(database) ? database : NOTHING, project.migrationsDirectory)
    const drift = options.drift === true ? await driftOf(context, project, loaded, states) : undefined
    if (print !== undefined) await print(JSON.stringify(asJson(database.label, states, drift)))
    else tellPeople(context, database.label, states, drift)
    return states.upToDate && (drift ?? []).length === 0 ? 0 : 1
  } finally {
    await database.close()
  }
}

/** Opening an embedded database would make it, and looking makes nothing. */
function isMade({ kind, label }: LoadedDatabase): boolean {
  const directory = kind === 'embedded' ? /^embedded in (.+)$/.exec(label)?.[1] : undefined
  return directory === undefined || existsSync(directory)
}

/** A database that has seen nothing: it has no journal. */
const NOTHING: MigrationTarget = {
  asOwner: (work) =>
    work({
      batch: async (statements) =>
        statements.map(() => ({ command: 'SELECT', rowCount: 1, fields: [], rows: [['f']] })),
    }),
}

async function driftOf(
  { environment, terminal }: Context,
  { migrationsDirectory }: Project,
  { backend, applyMigrations }: LoadedProject,
  { migrations }: MigrationStates,
): Promise<Drift[]> {
  const wrong = migrations.find(({ state }) => state === 'changed' || state === 'missing')
  if (wrong !== undefined) {
    const hint = 'Bring the file back as it was applied: what the database should be follows from the files'
    throw new UsageError(`Drift cannot be told while ${wrong.name} is ${wrong.state}`, hint)
  }
  const last = migrations.findLast(({ state }) => state === 'applied')?.name
  if (last === undefined) return []
  terminal.progress('Applying the migrations to an empty database')
  const expected = await withScratchDatabase(environment, async (scratch) => {
    await applyMigrations(scratch, migrationsDirectory, { upTo: last }).catch((error: Error) => {
      const hint = 'The comparison needs migrations that the embedded PostgreSQL can run on an empty database'
      throw new UsageError(`Drift cannot be told: ${error.message}`, hint, { cause: error })
    })
    return catalogFacts(scratch)
  })
  const schemas = expected.filter(({ property }) => property === 'schema').map(({ table }) => table)
  return driftBetween(expected, await catalogFacts(backend.database, schemas))
}

function asJson(database: string, { migrations, upToDate }: MigrationStates, drift: readonly Drift[] | undefined) {
  const told = drift?.map(({ place, message }) => ({ place, message }))
  return { version: 1, database, migrations, upToDate, ...(told === undefined ? {} : { drift: told }) }
}

function tellPeople(
  { terminal }: Context,
  label: string,
  { migrations, upToDate, refusal }: MigrationStates,
  drift: readonly Drift[] | undefined,
): void {
  for (const line of migrationsTable(migrations, terminal)) terminal.print(line)
  if (migrations.length > 0) terminal.print('')
  const pending = migrations.filter(({ state }) => state === 'pending').length
  if (migrations.length === 0) terminal.print(`There are no migrations, and ${label} has seen none`)
  else if (upToDate) terminal.print(`${label} has every migration`)
  else if (refusal !== undefined) terminal.print(`${refusal.message}\n  ${terminal.paint('dim', refusal.hint)}`)
  else terminal.print(`${label} has not seen ${pending} of ${migrations.length}: run postern migrate up`)
  if (drift === undefined) return
  for (const { place, message } of drift) terminal.print(`${terminal.paint('yellow', 'drift')}  ${place}: ${message}`)
  terminal.print(drift.length === 0 ? 'It is what its migrations make' : `${drift.length} found that no migration made`)
}
