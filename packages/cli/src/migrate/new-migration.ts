import { createHash } from 'node:crypto'
import { UsageError } from '../errors.js'
import { withCallerOrganizations } from './caller-organizations.js'
import { type Answers, differenceSql } from './difference.js'
import { lastMigration, migrationName, writeMigration } from './directory.js'
import { firstMigration } from './first-migration.js'
import { guardStatements } from './guards.js'
import { quietly } from './quietly.js'
import { sameSchema, type Snapshot } from './snapshot.js'
import { versionTriggers } from './version-triggers.js'

export interface NewMigration {
  readonly name: string | undefined
  /** Nothing but a place for SQL by hand. */
  readonly empty: boolean
  /** With `empty`: between `set local role service_role` and `reset role`. */
  readonly data: boolean
  readonly answers: Answers
  /** SQL that makes the three roles: the beginning of a first migration. */
  readonly rolesSql: string
}

/** Writes the migration that leads from the last one's schema to this one. Answers its file, or `null` where nothing changed. */
export async function newMigration(
  directory: string,
  schema: Readonly<Record<string, unknown>>,
  request: NewMigration,
): Promise<string | null> {
  const last = await lastMigration(directory)
  const number = last.number + 1
  const snapshot = await snapshotOf(schema, last.snapshot.id, number)
  const changed = !sameSchema(last.snapshot, snapshot)
  if (request.data && changed) {
    const hint = 'Run `postern migrate new` for the schema first: a data migration stands on a schema that is settled'
    throw new UsageError('The schema has changes that no migration holds', hint)
  }
  if (!changed || request.empty) refuseUselessAnswers(request.answers)
  if (!changed && !request.empty && !request.data) return null
  const first = number === 1 ? [firstMigration(request.rolesSql)] : []
  const body = request.data
    ? DATA
    : request.empty
      ? byHand(changed)
      : await bodyOf(last.snapshot, snapshot, request.answers)
  const name = migrationName(
    request.name ?? (request.data ? 'data' : request.empty ? 'by_hand' : number === 1 ? 'init' : 'change'),
  )
  return writeMigration(directory, { number, name, sql: `${join([...first, body])}\n`, snapshot })
}

/** Whoever says that something was renamed believes that it changed: going on would be to nod at a mistake. */
function refuseUselessAnswers({ renames, drops }: Answers): void {
  const [useless] = [...renames.map((answer) => `--rename ${answer}`), ...drops.map((answer) => `--drop ${answer}`)]
  if (useless === undefined) return
  const hint = 'Change the schema first and save it; with --empty and --data the SQL by hand says it'
  throw new UsageError(`${useless} fits nothing that changed`, hint)
}

async function bodyOf(before: Snapshot, after: Snapshot, answers: Answers): Promise<string> {
  const { statements, renamed } = await differenceSql(before, after, answers)
  const { gone, come } = versionTriggers(before, after)
  return join([...gone, ...withCallerOrganizations(statements), ...guardStatements(renamed, after), ...come])
}

/** The picture of a schema. Its id follows from what it shows, so that the same schema writes the same file. */
export async function snapshotOf(
  schema: Readonly<Record<string, unknown>>,
  previousId: string,
  number = 0,
): Promise<Snapshot> {
  const kit = await import('drizzle-kit/api')
  const generateDrizzleJson = kit.generateDrizzleJson as (
    schema: Record<string, unknown>,
    previousId: string,
  ) => Snapshot
  const snapshot = await quietly(() => generateDrizzleJson({ ...schema }, previousId))
  const { id: _random, ...shown } = snapshot
  return { ...snapshot, id: uuidOf(JSON.stringify([number, shown])) }
}

/** Whether the schema says the same as the last migration left behind. */
export async function isSettled(directory: string, schema: Readonly<Record<string, unknown>>): Promise<boolean> {
  const { snapshot } = await lastMigration(directory)
  return sameSchema(snapshot, await snapshotOf(schema, snapshot.id))
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

const join = (statements: readonly string[]) => statements.map((statement) => statement.trim()).join('\n\n')

const DATA = `
-- Row-level security is forced: as the owner of the tables a statement sees no row and changes none.
-- Between these two lines it acts as the service, which sees every row.
set local role service_role;

-- update invoices set currency = 'EUR' where currency is null;

reset role;`

const byHand = (changed: boolean) =>
  changed
    ? `
-- Written by hand. The snapshot beside this file is the schema as it stands now: the SQL here must lead to it,
-- for example: alter table "clients" rename to "customers";
-- New tables need ENABLE and FORCE ROW LEVEL SECURITY, policies, and grants; \`postern migrate new\` writes those by itself.`
    : `
-- Written by hand. The schema stays as it is; statements that change rows belong between
-- \`set local role service_role;\` and \`reset role;\` (\`postern migrate new --data\` writes both).`
