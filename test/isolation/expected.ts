import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { factsOf } from '../../packages/postern/src/schema/facts.js'
import { referenceOf } from '../../packages/postern/src/schema/references.js'

/** What the schema promises of a table: who reads, and which column names the one who writes. */
export interface Expected {
  readonly table: string
  readonly read: 'owner' | 'signed-in' | 'anyone' | 'service'
  /** `null`: only the service writes. */
  readonly ownerColumn: string | null
  /** Columns that may point at another's row, as long as the writer may read it. */
  readonly readableReferences: readonly string[]
}

/** The promises of a schema. A table without a rule is the service's alone. */
export function expectedOf(schema: Readonly<Record<string, unknown>>): Expected[] {
  return Object.values(schema)
    .filter((value): value is PgTable => is(value, PgTable))
    .map((value) => {
      const facts = factsOf(value)
      const table = getTableName(value)
      if (facts === undefined) return { table, read: 'service', ownerColumn: null, readableReferences: [] }
      const { ownership, columns } = facts
      if (ownership.kind !== 'user' && ownership.kind !== 'unowned') {
        throw new Error(`The proof does not know the rule "${ownership.kind}" of ${table} yet`)
      }
      const ownerColumn = ownership.kind === 'user' ? columns[ownership.column]!.sqlName : null
      return { table, read: ownership.read, ownerColumn, readableReferences: readable(value) }
    })
}

function readable(table: PgTable): string[] {
  return Object.values(getTableColumns(table))
    .filter((column) => referenceOf(column)?.to === 'readable')
    .map(({ name }) => name)
}
