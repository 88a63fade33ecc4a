import { quoted, quotedTable, type Snapshot, type SnapshotColumn, type SnapshotTable } from './snapshot.js'

/** A column whose type is another now. */
interface TypeChange {
  readonly table: SnapshotTable
  readonly column: SnapshotColumn
}

/**
 * PostgreSQL refuses to change the type of a column that a policy reads, checks a foreign key before its other end has
 * followed, and casts no default. So all of these leave the picture in between: they go first and come again at the end.
 * Answers the columns.
 */
export function releaseChangedTypes(kept: Snapshot, after: Snapshot): TypeChange[] {
  const changes = Object.entries(kept.tables).flatMap(([key, table]) =>
    Object.entries(table.columns).flatMap(([name, before]) => {
      const column = after.tables[key]?.columns[name]
      return column !== undefined && isAnother(before, column, kept, after) ? [{ table, column }] : []
    }),
  )
  for (const change of changes) {
    release(kept, change)
    delete change.table.columns[change.column.name]?.default
  }
  return changes
}

/** Adds the cast that PostgreSQL wants said, and lets defaults follow when every type is what it shall be. */
export function withCasts(statements: readonly string[], changes: readonly TypeChange[]): string[] {
  const isDefault = (statement: string) =>
    / SET DEFAULT /.test(statement) && changes.some((change) => statement.startsWith(beginning(change)))
  const cast = statements.map((statement) => {
    const change = changes.find((one) => statement.startsWith(`${beginning(one)} SET DATA TYPE `))
    if (change === undefined || / USING /.test(statement)) return statement
    const type = /SET DATA TYPE (.+);$/s.exec(statement)?.[1] ?? ''
    return statement.replace(/;$/, ` USING ${quoted(change.column.name)}::${type};`)
  })
  const last = cast.findLastIndex((statement) => / SET DATA TYPE /.test(statement))
  const early = cast.filter((statement, index) => index < last && isDefault(statement))
  // drizzle-kit gives an enum's column a default of type text for a while; it would be refused where it stands now.
  const lasting = early.filter((statement) => !statement.endsWith('::text;'))
  const rest = cast.filter((statement) => !early.includes(statement))
  const at = rest.findLastIndex((statement) => / SET DATA TYPE /.test(statement)) + 1
  return [...rest.slice(0, at), ...lasting, ...rest.slice(at)]
}

const beginning = ({ table, column }: TypeChange) =>
  `ALTER TABLE ${quotedTable(table)} ALTER COLUMN ${quoted(column.name)}`

function isAnother(before: SnapshotColumn, column: SnapshotColumn, kept: Snapshot, after: Snapshot): boolean {
  if (before.type !== column.type) return true
  const name = `${column.typeSchema ?? 'public'}.${column.type}`
  const [old, values] = [kept.enums[name]?.values, after.enums[name]?.values]
  // An enum that loses a value is made anew, and with it the type of its columns.
  return old !== undefined && values !== undefined && old.some((value) => !values.includes(value))
}

function release(kept: Snapshot, { table, column }: TypeChange): void {
  const word = new RegExp(`(?<![A-Za-z0-9_])${column.name.replace(/[^A-Za-z0-9_]/g, '\\$&')}(?![A-Za-z0-9_])`)
  for (const other of Object.values(kept.tables)) {
    for (const [name, { using = '', withCheck = '' }] of Object.entries(other.policies)) {
      const text = `${using} ${withCheck}`
      // A policy of another table may read the column in a sub-select. One too many is made anew, and means the same.
      if (word.test(text) && (other === table || text.includes(table.name))) delete other.policies[name]
    }
    for (const [name, key] of Object.entries(other.foreignKeys)) {
      const from = other === table && key.columnsFrom.includes(column.name)
      const to =
        key.tableTo === table.name && (key.schemaTo ?? '') === table.schema && key.columnsTo.includes(column.name)
      if (from || to) delete other.foreignKeys[name]
    }
  }
}
