import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { factsOf, type TableFacts } from '../../packages/postern/src/schema/facts.js'
import { ownerColumnOf } from '../../packages/postern/src/schema/owner.js'
import { referenceOf } from '../../packages/postern/src/schema/references.js'

/** Whose a row is, as plain data: what the proof compares a database with, without the SQL that the schema makes of it. */
export type Rule =
  | { readonly kind: 'user'; readonly read: 'owner' | 'signed-in' | 'anyone' }
  | { readonly kind: 'unowned'; readonly read: 'signed-in' | 'anyone' | 'service' }
  /** Roles by name; `null` for every member. */
  | { readonly kind: 'organization'; readonly read: Roles; readonly write: Roles }
  | { readonly kind: 'organizations' | 'members' }
  | { readonly kind: 'through'; readonly parents: readonly { readonly column: string; readonly rule: Rule }[] }

type Roles = readonly string[] | null

/** What the schema promises of a table. */
export interface Expected {
  readonly table: string
  readonly rule: Rule
  /** The column that names the owner; `null` where none does. */
  readonly ownerColumn: string | null
  /** Columns that may point at another's row, as long as the writer may read it. */
  readonly readableReferences: readonly string[]
  /** The column that marks a row as deleted. */
  readonly deletedColumn: string | null
}

/** The promises of a schema. A table without a rule is the service's alone. */
export function expectedOf(schema: Readonly<Record<string, unknown>>): Expected[] {
  return Object.values(schema)
    .filter((value): value is PgTable => is(value, PgTable))
    .map((value) => {
      const facts = factsOf(value)
      const table = getTableName(value)
      if (facts === undefined) {
        const rule = { kind: 'unowned', read: 'service' } as const
        return { table, rule, ownerColumn: null, readableReferences: [], deletedColumn: null }
      }
      const sqlName = (key: string | undefined) => (key === undefined ? null : facts.columns[key]!.sqlName)
      return {
        table,
        rule: ruleOf(facts),
        ownerColumn: sqlName(ownerColumnOf(facts.ownership)),
        readableReferences: readable(value, facts),
        deletedColumn: sqlName(facts.deletedKey),
      }
    })
}

function ruleOf(facts: TableFacts): Rule {
  const { ownership } = facts
  if (ownership.kind === 'user') return { kind: 'user', read: ownership.read }
  if (ownership.kind === 'unowned') return { kind: 'unowned', read: ownership.read }
  if (ownership.kind === 'membership') return { kind: ownership.of }
  if (ownership.kind === 'organization') return { kind: 'organization', read: ownership.read, write: ownership.write }
  const parents = ownership.parents.map((parent) => {
    const target = parent()
    const hanging = Object.values(facts.columns).find(({ column }) => referenceOf(column)?.target() === target)!
    return { column: hanging.sqlName, rule: ruleOf(target) }
  })
  return { kind: 'through', parents }
}

/** Besides those that say so: where parent and child say by different columns whose they are, no key can hold them together. */
function readable(table: PgTable, { ownership }: TableFacts): string[] {
  return Object.values(getTableColumns(table))
    .filter((column) => {
      const reference = referenceOf(column)
      if (reference === undefined) return false
      const parent = reference.target()
      if (ownership.kind === 'through' && ownership.parents.some((each) => each() === parent)) return false
      const isSameKind = ownerColumnOf(ownership) !== undefined && ownership.kind === parent.ownership.kind
      return reference.to === 'readable' || !isSameKind
    })
    .map(({ name }) => name)
}
