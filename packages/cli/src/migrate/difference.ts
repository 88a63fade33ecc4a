import { UsageError } from '../errors.js'
import { isRowSecuritySwitch } from './guards.js'
import { quietly } from './quietly.js'
import { quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

/** What a person has said about things that are gone: renamed, or dropped for good. */
export interface Answers {
  /** `table.old:new` */
  readonly renames: readonly string[]
  /** `table` or `table.column` */
  readonly drops: readonly string[]
}

/**
 * The SQL that leads from one picture to the other. drizzle-kit would ask at the terminal whether a column was renamed;
 * here the answers come first and an open question is an error, so that it never waits and never guesses away data.
 */
export async function differenceSql(before: Snapshot, after: Snapshot, answers: Answers): Promise<string[]> {
  const start = structuredClone(before)
  const renames = answers.renames.map((answer) => renameColumn(start, after, answer))
  refuseOpenQuestions(start, after, answers.drops)
  // Two steps, first what goes and then what comes: with nothing both gone and new, drizzle-kit has nothing to ask.
  const kept = intersection(start, after)
  const kit = await import('drizzle-kit/api')
  const generateMigration = kit.generateMigration as unknown as (from: Snapshot, to: Snapshot) => Promise<string[]>
  const [gone, come] = await quietly(async () => [
    await generateMigration(start, kept),
    await generateMigration(kept, after),
  ])
  return [...renames, ...inWorkingOrder([...(gone ?? []), ...(come ?? [])])]
}

/**
 * A foreign key needs the UNIQUE it points at, which drizzle-kit may write after it; and a column goes only when no
 * policy reads it any more.
 */
function inWorkingOrder(statements: readonly string[]): string[] {
  return statements.filter((statement) => !isRowSecuritySwitch(statement)).sort((a, b) => rank(a) - rank(b))
}

function rank(statement: string): number {
  if (/^ALTER TABLE .* DROP COLUMN /s.test(statement)) return 2
  return / FOREIGN KEY \(/.test(statement) ? 1 : 0
}

const PARTS = [
  'columns',
  'indexes',
  'foreignKeys',
  'compositePrimaryKeys',
  'uniqueConstraints',
  'policies',
  'checkConstraints',
] as const

function intersection(before: Snapshot, after: Snapshot): Snapshot {
  const kept = structuredClone(before)
  const collections = [
    kept.enums,
    kept.schemas,
    kept.views,
    kept.sequences,
    kept.roles,
    kept.policies,
    kept.tables,
  ] as Record<string, unknown>[]
  const wanted = [
    after.enums,
    after.schemas,
    after.views,
    after.sequences,
    after.roles,
    after.policies,
    after.tables,
  ] as Record<string, unknown>[]
  collections.forEach((collection, index) => keepOnly(collection, wanted[index] ?? {}))
  for (const [key, table] of Object.entries(kept.tables)) {
    const other = after.tables[key]
    if (other !== undefined) for (const part of PARTS) keepOnly(table[part], other[part])
  }
  return kept
}

function keepOnly(collection: Record<string, unknown>, wanted: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(collection)) if (!(key in wanted)) delete collection[key]
}

function refuseOpenQuestions(before: Snapshot, after: Snapshot, drops: readonly string[]): void {
  const [table, newTable] = goneAndNew(before.tables, after.tables, (name) =>
    drops.includes(nameOf(before.tables[name])),
  )
  if (table !== undefined && newTable !== undefined) {
    const [gone, fresh] = [nameOf(before.tables[table]), nameOf(after.tables[newTable])]
    throw new UsageError(
      `The table ${gone} is gone and ${fresh} is new, and that may be a rename`,
      `If ${gone} shall go with its rows, say --drop ${gone}; to rename it, write the SQL by hand: postern migrate new --empty`,
    )
  }
  for (const [key, { columns }] of Object.entries(before.tables)) {
    const other = after.tables[key]
    if (other === undefined) continue
    const name = nameOf(other)
    const [column, newColumn] = goneAndNew(columns, other.columns, (gone) => drops.includes(`${name}.${gone}`))
    if (column === undefined || newColumn === undefined) continue
    throw new UsageError(
      `In ${name} the column ${column} is gone and ${newColumn} is new, and that may be a rename`,
      `Say --rename ${name}.${column}:${newColumn}, or --drop ${name}.${column} if its values shall go`,
    )
  }
}

function goneAndNew(
  before: object,
  after: object,
  dropped: (key: string) => boolean,
): [string | undefined, string | undefined] {
  const gone = Object.keys(before).find((key) => !(key in after) && !dropped(key))
  const fresh = Object.keys(after).find((key) => !(key in before))
  return [gone, fresh]
}

const nameOf = (table: SnapshotTable | undefined) =>
  table === undefined ? '' : table.schema ? `${table.schema}.${table.name}` : table.name

/** Renames in the older picture, everywhere it names the column, and gives the statement that does so in the database. */
function renameColumn(before: Snapshot, after: Snapshot, answer: string): string {
  const [, tableName, from, to] = /^(.+)\.([^.:]+):([^.:]+)$/.exec(answer) ?? []
  const entry = Object.entries(before.tables).find(([, table]) => nameOf(table) === tableName)
  const fits = entry !== undefined && from !== undefined && to !== undefined && from in entry[1].columns
  if (!fits || after.tables[entry[0]]?.columns[to] === undefined) {
    const hint = 'Write --rename table.old:new with names as they are in SQL, for example --rename customers.name:title'
    throw new UsageError(`--rename ${answer} fits nothing that changed`, hint)
  }
  const [, table] = entry
  const renamed = (name: string) => (name === from ? to : name)
  table.columns = Object.fromEntries(
    Object.entries(table.columns).map(([key, column]) => [renamed(key), { ...column, name: renamed(column.name) }]),
  )
  for (const index of Object.values(table.indexes)) {
    for (const column of index.columns) if (!column.isExpression) column.expression = renamed(column.expression)
  }
  for (const unique of Object.values(table.uniqueConstraints)) unique.columns = unique.columns.map(renamed)
  for (const key of Object.values(table.compositePrimaryKeys)) key.columns = key.columns.map(renamed)
  for (const key of Object.values(table.foreignKeys)) key.columnsFrom = key.columnsFrom.map(renamed)
  for (const key of Object.values(before.tables).flatMap((other) => Object.values(other.foreignKeys))) {
    if (key.tableTo === table.name && (key.schemaTo ?? '') === (table.schema ?? ''))
      key.columnsTo = key.columnsTo.map(renamed)
  }
  return `ALTER TABLE ${quotedTable(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)};`
}
