import { COLLECTIONS, nameOf, sameJson, type Snapshot, type SnapshotTable, TABLE_PARTS } from './snapshot.js'

/** How a schema differs from the picture that the last migration left, one phrase each; none where it does not. */
export function changesBetween(before: Snapshot, after: Snapshot): string[] {
  const tables = keysOf(before.tables, after.tables).flatMap((key) => {
    const [old, table] = [before.tables[key], after.tables[key]]
    if (old === undefined) return [`the table ${nameOf(table!)} is new`]
    if (table === undefined) return [`the table ${nameOf(old)} is gone`]
    return tableChanges(old, table)
  })
  const others = COLLECTIONS.flatMap((collection) =>
    compared(before[collection], after[collection], (name) => `${SINGULAR[collection]} ${name}`),
  )
  return [...tables, ...others]
}

const SINGULAR = {
  enums: 'the enum',
  schemas: 'the schema',
  views: 'the view',
  sequences: 'the sequence',
  roles: 'the role',
  policies: 'the policy',
  columns: 'the column',
  indexes: 'the index',
  foreignKeys: 'the foreign key',
  compositePrimaryKeys: 'the primary key',
  uniqueConstraints: 'the unique constraint',
  checkConstraints: 'the check',
} as const

function tableChanges(before: SnapshotTable, after: SnapshotTable): string[] {
  const table = nameOf(after)
  return TABLE_PARTS.flatMap((part) =>
    compared(before[part], after[part], (name) =>
      part === 'columns' ? `the column ${table}.${name}` : `${SINGULAR[part]} ${name} of ${table}`,
    ),
  )
}

function compared(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  called: (name: string) => string,
): string[] {
  return keysOf(before, after).flatMap((key) => {
    if (!(key in before)) return [`${called(key)} is new`]
    if (!(key in after)) return [`${called(key)} is gone`]
    return sameJson(before[key], after[key]) ? [] : [`${called(key)} is another`]
  })
}

const keysOf = (one: object, other: object) => [...new Set([...Object.keys(one), ...Object.keys(other)])]
