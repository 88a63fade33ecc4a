import { quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

type Part = 'indexes' | 'foreignKeys' | 'compositePrimaryKeys' | 'uniqueConstraints' | 'policies' | 'checkConstraints'

const PARTS: Readonly<Record<Part, (table: SnapshotTable, from: string, to: string) => string>> = {
  indexes: (table, from, to) =>
    `ALTER INDEX ${quotedTable({ schema: table.schema, name: from })} RENAME TO ${quoted(to)};`,
  foreignKeys: constraint,
  compositePrimaryKeys: constraint,
  uniqueConstraints: constraint,
  checkConstraints: constraint,
  policies: (table, from, to) => `ALTER POLICY ${quoted(from)} ON ${quotedTable(table)} RENAME TO ${quoted(to)};`,
}

/**
 * Where a part is gone and one that says the same has come under another name, the name is all that changes: an index is
 * not built again, a foreign key not checked again. Follows in the older picture, and gives the statements.
 */
export function renameAlike(before: Snapshot, after: Snapshot): string[] {
  return Object.entries(before.tables).flatMap(([key, table]) => {
    const other = after.tables[key]
    return other === undefined ? [] : (Object.keys(PARTS) as Part[]).flatMap((part) => renamePart(table, other, part))
  })
}

function renamePart(table: SnapshotTable, after: SnapshotTable, part: Part): string[] {
  const [here, there] = [table[part], after[part]] as Record<string, { name: string }>[]
  if (here === undefined || there === undefined) return []
  const statements: string[] = []
  for (const [from, old] of Object.entries(here)) {
    if (from in there) continue
    const to = Object.keys(there).find((name) => !(name in here) && shown(there[name]) === shown(old))
    if (to === undefined) continue
    delete here[from]
    here[to] = { ...old, name: to }
    statements.push(PARTS[part](table, from, to))
  }
  return statements
}

/** Everything of it but its name. */
function shown(part: { name: string } | undefined): string {
  const entries = Object.entries(part ?? {}).filter(([key]) => key !== 'name')
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))))
}

function constraint(table: SnapshotTable, from: string, to: string): string {
  return `ALTER TABLE ${quotedTable(table)} RENAME CONSTRAINT ${quoted(from)} TO ${quoted(to)};`
}
