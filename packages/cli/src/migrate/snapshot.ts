/** drizzle-kit's picture of a schema, version 7: what `migrations/meta/NNNN_snapshot.json` holds. */
export interface Snapshot {
  readonly id: string
  readonly prevId: string
  readonly version: '7'
  readonly dialect: 'postgresql'
  readonly tables: Record<string, SnapshotTable>
  readonly enums: Record<string, { readonly values: readonly string[] }>
  readonly schemas: Record<string, string>
  readonly views: Record<string, unknown>
  readonly sequences: Record<string, unknown>
  readonly roles: Record<string, unknown>
  readonly policies: Record<string, unknown>
  readonly _meta: unknown
}

/** Only what is read here; the rest stays as drizzle-kit wrote it. */
export interface SnapshotTable {
  name: string
  readonly schema: string
  columns: Record<string, SnapshotColumn>
  readonly indexes: Record<string, { readonly columns: { expression: string; readonly isExpression: boolean }[] }>
  readonly foreignKeys: Record<string, SnapshotForeignKey>
  readonly compositePrimaryKeys: Record<string, { columns: string[] }>
  readonly uniqueConstraints: Record<string, { columns: string[] }>
  readonly policies: Record<string, SnapshotPolicy>
  readonly checkConstraints: Record<string, unknown>
}

export interface SnapshotColumn {
  name: string
  readonly type: string
  readonly typeSchema?: string
  readonly primaryKey?: boolean
  default?: unknown
  readonly identity?: { name: string }
}

interface SnapshotForeignKey {
  columnsFrom: string[]
  columnsTo: string[]
  tableFrom: string
  tableTo: string
  readonly schemaTo?: string
  readonly onDelete?: string
}

interface SnapshotPolicy {
  readonly as?: string
  readonly for?: string
  readonly to?: readonly string[]
  using?: string
  withCheck?: string
}

/** The picture of a database without anything. */
export const EMPTY_SNAPSHOT: Snapshot = {
  id: '00000000-0000-0000-0000-000000000000',
  prevId: '',
  version: '7',
  dialect: 'postgresql',
  tables: {},
  enums: {},
  schemas: {},
  views: {},
  sequences: {},
  roles: {},
  policies: {},
  _meta: { columns: {}, schemas: {}, tables: {} },
}

/** What a picture holds beside its tables, by name. */
export const COLLECTIONS = ['enums', 'schemas', 'views', 'sequences', 'roles', 'policies'] as const

/** What a table's picture holds, by name. */
export const TABLE_PARTS = [
  'columns',
  'indexes',
  'foreignKeys',
  'compositePrimaryKeys',
  'uniqueConstraints',
  'policies',
  'checkConstraints',
] as const

/** Whether two pictures show the same; which of them came first does not matter. */
export function sameSchema(one: Snapshot, other: Snapshot): boolean {
  return sameJson(shown(one), shown(other))
}

const IDENTITY = new Set(['id', 'prevId', '_meta'])

function shown(snapshot: Snapshot): object {
  return Object.fromEntries(Object.entries(snapshot).filter(([key]) => !IDENTITY.has(key)))
}

/** Whether two parts of a picture are equal: the order of columns and policies in the source is no change to the database. */
export function sameJson(one: unknown, other: unknown): boolean {
  return withSortedKeys(one) === withSortedKeys(other)
}

function withSortedKeys(part: unknown): string | undefined {
  return JSON.stringify(part, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

/** A table's name as people say it, and as `--rename` and `--drop` name it. */
export function nameOf(table: Pick<SnapshotTable, 'name' | 'schema'>): string {
  return table.schema ? `${table.schema}.${table.name}` : table.name
}

/** A table's name as SQL writes it. */
export function quotedTable(table: Pick<SnapshotTable, 'name' | 'schema'>): string {
  return table.schema ? `${quoted(table.schema)}.${quoted(table.name)}` : quoted(table.name)
}

export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
