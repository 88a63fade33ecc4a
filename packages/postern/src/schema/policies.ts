import { sql } from 'drizzle-orm'
import { type PgPolicy, pgPolicy, pgRole } from 'drizzle-orm/pg-core'
import { ownerRulesOf } from './owner-rules.js'
import type { Reference } from './references.js'
import type { RuledTable } from './rule-text.js'

/** A reference to a parent that need only be readable: the foreign key is plain, so a policy must look at the parent. */
interface ReadableReference {
  readonly sqlName: string
  readonly reference: Reference
}

/**
 * The row-level security of a table, as Drizzle policies: one for each command, spelled out, and the service's own.
 * Under FORCE even the table's owner sees nothing, so the service needs a policy like everyone else.
 */
export function policiesOf(facts: RuledTable, readable: readonly ReadableReference[]): PgPolicy[] {
  const { read, write } = ownerRulesOf(facts)
  const policies: PgPolicy[] = []
  if (read !== null) {
    policies.push(pgPolicy(`${facts.name}_read`, { for: 'select', to: roles(read.to), using: sql.raw(read.using) }))
  }
  if (write !== null) {
    const to = roles(write.to)
    const using = sql.raw(write.using)
    const withCheck = sql.raw([write.using, ...readable.map((one) => parentIsReadable(facts.name, one))].join(' and '))
    policies.push(
      pgPolicy(`${facts.name}_insert`, { for: 'insert', to, withCheck }),
      pgPolicy(`${facts.name}_update`, { for: 'update', to, using, withCheck }),
    )
    // Where deletion is soft, no principal deletes for good.
    if (facts.deletedKey === undefined) policies.push(pgPolicy(`${facts.name}_delete`, { for: 'delete', to, using }))
  }
  const service = { for: 'all', to: existing('service_role'), using: sql`true`, withCheck: sql`true` } as const
  policies.push(pgPolicy(`${facts.name}_service`, service))
  return policies
}

/**
 * The parent is looked up as the writer, under the parent's own read rule.
 *
 * **Security:** the column is named with its table. Inside the sub-select a bare name belongs to the parent where the
 * parent has such a column too (a reply to a comment): the policy would then ask about the parent's parent.
 */
function parentIsReadable(table: string, { sqlName, reference }: ReadableReference): string {
  const parent = reference.target()
  if (parent.name === table && parent.ownership.kind === 'user' && parent.ownership.read === 'owner') {
    throw new TypeError(
      `table('${table}'): PostgreSQL refuses a policy that reads its own table. Only the owner may read these rows, ` +
        `so say references(() => …) without { to: 'readable' }`,
    )
  }
  const parentId = parent.columns[parent.idKey]!.sqlName
  const own = `"${table}"."${sqlName}"`
  return `(${own} is null or exists (select 1 from "${parent.name}" p where p."${parentId}" = ${own}))`
}

function roles(names: readonly string[]) {
  return names.map(existing)
}

/** The roles are made by the first migration and by Supabase; Drizzle must not try to. */
function existing(name: string) {
  return pgRole(name).existing()
}
