import { sql } from 'drizzle-orm'
import {
  check,
  type ExtraConfigColumn,
  foreignKey,
  index,
  type PgColumn,
  type PgTableExtraConfigValue,
  type UpdateDeleteAction,
  unique,
} from 'drizzle-orm/pg-core'
import { isMoney } from './columns.js'
import type { TableFacts } from './facts.js'
import { type OrganizationOwner, ownerColumnOf } from './owner.js'
import { policiesOf } from './policies.js'
import { type Reference, referenceOf } from './references.js'

/** The keys and indexes that keep a table's rows within their owner, and the policies that PostgreSQL enforces. */
export function constraintsOf(facts: TableFacts, self: Record<string, ExtraConfigColumn>): PgTableExtraConfigValue[] {
  const { name, ownership, idKey, versionKey } = facts
  const ownKey = ownerColumnOf(ownership)
  const own = ownKey === undefined ? undefined : self[ownKey]!
  const constraints: PgTableExtraConfigValue[] = []
  const readable: { sqlName: string; reference: Reference }[] = []
  // One index for three uses: rows of one owner, in the order of their keys, and what composite foreign keys point at.
  if (own !== undefined) constraints.push(unique(`${name}_owner_key`).on(own, self[idKey]!))
  if (ownership.kind === 'organization') constraints.push(organizationKey(name, own!, ownership))
  for (const { key, sqlName, column } of Object.values(facts.columns)) {
    if (isMoney(column)) constraints.push(check(`${name}_${sqlName}_number`, sql`${self[key]!} <> 'NaN'`))
    const reference = referenceOf(column)
    if (reference === undefined) continue
    const parent = reference.table() as Record<string, PgColumn>
    const parentFacts = reference.target()
    const parentId = parent[parentFacts.idKey]!
    const parentOwner = isSameOwner(facts, parentFacts) ? parent[ownerColumnOf(parentFacts.ownership)!] : undefined
    const composite = reference.to === 'owned' && parentOwner !== undefined
    if (!composite && !isOwnedThrough(facts, parentFacts)) readable.push({ sqlName, reference })
    const keys = composite
      ? { columns: [own!, self[key]!] as const, foreignColumns: [parentOwner, parentId] as const }
      : { columns: [self[key]!] as const, foreignColumns: [parentId] as const }
    constraints.push(
      foreignKey({ name: `${name}_${sqlName}_fkey`, ...keys } as never).onDelete(onDelete(reference, sqlName)),
      index(`${name}_${sqlName}_idx`).on(self[key]!),
    )
  }
  if (versionKey !== undefined && isChangedByItsParents(facts)) {
    const { sqlName } = facts.columns[versionKey]!
    constraints.push(check(`${name}_${sqlName}_rises`, sql`${self[versionKey]!} > 0`))
  }
  return [...constraints, ...policiesOf(facts, readable)]
}

/**
 * Whether a deletion elsewhere changes rows of this table: no statement of ours does that, so none could raise the version. The check
 * is how a picture of the schema says so; by it `postern migrate new` writes the trigger that does.
 */
function isChangedByItsParents({ columns }: TableFacts): boolean {
  return Object.values(columns).some(({ column }) => referenceOf(column)?.onDelete === 'set null')
}

function organizationKey(name: string, own: ExtraConfigColumn, owner: OrganizationOwner): PgTableExtraConfigValue {
  const organizations = owner.organizations() as unknown as Record<string, PgColumn>
  const keys = { columns: [own], foreignColumns: [organizations['id']!] }
  return foreignKey({ name: `${name}_organization_fkey`, ...keys } as never).onDelete('cascade')
}

/** Whether both say whose they are by the same kind of column, so that one key can hold them together. */
function isSameOwner(child: TableFacts, parent: TableFacts): boolean {
  return ownerColumnOf(child.ownership) !== undefined && child.ownership.kind === parent.ownership.kind
}

/** The rule asks the parent already, and for more than being readable. */
function isOwnedThrough({ ownership }: TableFacts, parent: TableFacts): boolean {
  return ownership.kind === 'through' && ownership.parents.some((each) => each() === parent)
}

/** A bare SET NULL would empty the owner column of a composite key too, and so refuse every deletion. */
function onDelete(reference: Reference, sqlName: string): UpdateDeleteAction {
  return reference.onDelete === 'set null' ? (`set null ("${sqlName}")` as 'set null') : reference.onDelete
}
