import { UsageError } from '../errors.js'
import { renameAlike } from './rename-alike.js'
import { nameOf, quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

/**
 * Renames in the older picture, everywhere it names the thing, and gives the statements that do so in the database.
 * Tables first: a column is named by its table's new name or by its old one.
 */
export function applyRenames(before: Snapshot, after: Snapshot, answers: readonly string[]): string[] {
  const newNames = new Map<string, string>()
  const rest: string[] = []
  const tables = answers.flatMap((answer) => {
    const found = tableRename(before, after, answer)
    if (found === undefined) {
      rest.push(answer)
      return []
    }
    newNames.set(nameOf(found.table), nameOf(found.target))
    return renameTable(before, found)
  })
  const columns = rest.map((answer) => renameColumn(before, after, answer, newNames))
  return answers.length === 0 ? [] : [...tables, ...columns, ...renameAlike(before, after)]
}

interface TableRename {
  readonly key: string
  readonly table: SnapshotTable
  readonly newKey: string
  readonly target: SnapshotTable
}

function tableRename(before: Snapshot, after: Snapshot, answer: string): TableRename | undefined {
  const [, from, to] = /^([^:]+):([^:]+)$/.exec(answer) ?? []
  const old = Object.entries(before.tables).find(([, table]) => nameOf(table) === from)
  const fresh = Object.entries(after.tables).find(
    ([, table]) => nameOf(table) === to || (table.name === to && table.schema === old?.[1].schema),
  )
  if (old === undefined || fresh === undefined) return undefined
  if (old[0] in after.tables || fresh[0] in before.tables) return undefined
  return { key: old[0], table: old[1], newKey: fresh[0], target: fresh[1] }
}

function renameTable(before: Snapshot, { key, table, newKey, target }: TableRename): string[] {
  if (table.schema !== target.schema) {
    const hint = 'Write it by hand: postern migrate new --empty, with ALTER TABLE … SET SCHEMA …'
    throw new UsageError(`${nameOf(table)} cannot be renamed into another schema`, hint)
  }
  const [from, to] = [table.name, target.name]
  const statements = [`ALTER TABLE ${quotedTable(table)} RENAME TO ${quoted(to)};`]
  for (const other of Object.values(before.tables)) {
    for (const foreign of Object.values(other.foreignKeys)) {
      if (other === table) foreign.tableFrom = to
      if (foreign.tableTo === from && (foreign.schemaTo ?? '') === table.schema) foreign.tableTo = to
    }
    inPolicies(other, from, to)
  }
  table.name = to
  statements.push(...namesThatFollow(table, from, to))
  delete before.tables[key]
  before.tables[newKey] = table
  return statements
}

/** What PostgreSQL or the guards named after the table, and the picture does not hold by name. */
function namesThatFollow(table: SnapshotTable, from: string, to: string): string[] {
  const statements: string[] = []
  const columns = Object.values(table.columns)
  if (columns.some(({ primaryKey }) => primaryKey === true)) {
    statements.push(
      `ALTER TABLE ${quotedTable(table)} RENAME CONSTRAINT ${quoted(`${from}_pkey`)} TO ${quoted(`${to}_pkey`)};`,
    )
  }
  for (const { name, type, identity } of columns) {
    const sequence = identity?.name ?? (type.endsWith('serial') ? `${from}_${name}_seq` : undefined)
    if (sequence !== `${from}_${name}_seq`) continue
    const newName = `${to}_${name}_seq`
    const old = quotedTable({ schema: table.schema, name: sequence })
    statements.push(`ALTER SEQUENCE ${old} RENAME TO ${quoted(newName)};`)
    if (identity !== undefined) identity.name = newName
  }
  if (!Object.values(table.policies).some(({ to: roles }) => roles?.includes('service_role'))) {
    const policy = `${quoted(`${from}_service`)} ON ${quotedTable(table)}`
    statements.push(`ALTER POLICY ${policy} RENAME TO ${quoted(`${to}_service`)};`)
  }
  return statements
}

function renameColumn(
  before: Snapshot,
  after: Snapshot,
  answer: string,
  newNames: ReadonlyMap<string, string>,
): string {
  const [, said = '', from, to] = /^(.+)\.([^.:]+):([^.:]+)$/.exec(answer) ?? []
  const tableName = newNames.get(said) ?? said
  const entry = Object.entries(before.tables).find(([, table]) => nameOf(table) === tableName)
  const fits = entry !== undefined && from !== undefined && to !== undefined && from in entry[1].columns
  if (!fits || after.tables[entry[0]]?.columns[to] === undefined || to in entry[1].columns) {
    const hint =
      'Write --rename table.old:new, or --rename old:new for a table, with names as they are in SQL, for example --rename customers.name:title'
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
    if (key.tableTo === table.name && (key.schemaTo ?? '') === table.schema) key.columnsTo = key.columnsTo.map(renamed)
  }
  inPolicies(table, from, to)
  return `ALTER TABLE ${quotedTable(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)};`
}

/** PostgreSQL's policies follow a new name by themselves; the picture holds their text. */
function inPolicies(table: SnapshotTable, from: string, to: string): void {
  const follow = (text: string) => text.replaceAll(quoted(from), quoted(to))
  for (const policy of Object.values(table.policies)) {
    if (policy.using !== undefined) policy.using = follow(policy.using)
    if (policy.withCheck !== undefined) policy.withCheck = follow(policy.withCheck)
  }
}
