import { type BuildColumns, type BuildExtraConfigColumns, getTableColumns, sql } from 'drizzle-orm'
import {
  type ExtraConfigColumn,
  foreignKey,
  index,
  type PgColumn,
  type PgColumnBuilderBase,
  type PgTable,
  type PgTableExtraConfigValue,
  type PgTableWithColumns,
  pgTable,
  text,
  type UpdateDeleteAction,
  unique,
} from 'drizzle-orm/pg-core'
import { BigIntTextBuilder } from './big-int-text.js'
import { instant } from './columns.js'
import { type ColumnFacts, type Described, FACTS, type Relation, type TableFacts } from './facts.js'
import { type OrganizationOwner, type Owner, type Ownership, ownerColumnOf, type Unowned } from './owner.js'
import { policiesOf } from './policies.js'
import { type Reference, referenceOf } from './references.js'
import { ACTIVE_ORGANIZATION_ID, CALLER_ID } from './rule-text.js'
import type { InsertOf, RelationsOf, RowOf, WithOwner } from './rows.js'
import { isSecret, Secret } from './secret.js'

export type Columns = Record<string, PgColumnBuilderBase>

/** Says whose the rows are: one of the two, never neither. */
export interface Whose {
  /** Each row belongs to somebody: `user()`, `organization()`, `through(parent)`. */
  readonly owner?: Owner
  /** The rows belong to nobody, such as a price list: only the service writes them. */
  readonly unowned?: Omit<Unowned, 'kind'>
  /**
   * `remove` marks a row in the column `deletedAt` instead of deleting it, and nobody but the service sees it again.
   * What must be unique needs an index `where deleted_at is null`, or a deleted row keeps its value taken.
   */
  readonly softDelete?: true
}

/** A demand as a key that is missing, so that the compiler's message reads as a sentence. */
export type Missing<Sentence extends string> = { readonly [K in Sentence]: never }

type DemandWhose<O> = O extends { readonly owner: unknown; readonly unowned: unknown }
  ? Missing<'say owner or unowned, not both'>
  : O extends { readonly unowned: { readonly reason: '' } }
    ? Missing<'give a reason'>
    : O extends { readonly owner: unknown } | { readonly unowned: unknown }
      ? unknown
      : Missing<'say owner: user(), or unowned: { reason, read }'>

/** The brand that carries what `with` may name, apart from the facts so that hovering stays short. */
export declare const RELATIONS: unique symbol

/** An ordinary Drizzle table that also knows its owner. */
export type Table<Name extends string, C extends Columns, O extends Whose> = PgTableWithColumns<{
  name: Name
  schema: undefined
  columns: BuildColumns<Name, WithOwner<C, O>, 'pg'>
  dialect: 'pg'
}> &
  Described<Name, RowOf<C, O>, InsertOf<C, O>> & { readonly [RELATIONS]: RelationsOf<C> }

/**
 * A table and, in the same breath, to whom its rows belong. It gives the owner column with its default and index, the
 * foreign keys that no one can use to reach into another's rows, and the policies that PostgreSQL enforces.
 * Names are snake_case in SQL, as you write them in TypeScript. Throws where `id()` is missing or a name is taken.
 *
 * **Security:** row-level security is the last of five layers, and the only one that holds when all the code above it is
 * wrong. `unowned` is for rows that belong to nobody, such as a price list: only the service writes them.
 *
 * @example
 * export const notes = table('notes', { id: id(), text: text().notNull(), ...timestamps() }, { owner: user() })
 * export const rates = table('rates', { id: id(), percent: money() }, { unowned: { reason: 'public prices', read: 'anyone' } })
 */
export function table<Name extends string, C extends Columns, const O extends Whose>(
  name: Name,
  columns: C,
  ownership: O & DemandWhose<O>,
  extras?: (self: BuildExtraConfigColumns<Name, WithOwner<C, O>, 'pg'>) => PgTableExtraConfigValue[],
): Table<Name, C, O> {
  const owner = ownershipOf(name, ownership)
  const made: PgTable = pgTable(
    name,
    withRuleColumns(name, columns, owner, ownership),
    (self): PgTableExtraConfigValue[] => [...constraintsOf(facts, self as never), ...(extras?.(self as never) ?? [])],
  )
  const facts = describe(name, getTableColumns(made) as Record<string, PgColumn>, owner, ownership)
  hideSecrets(facts)
  return Object.assign(made, { [FACTS]: facts }) as never
}

/** Types have asked already where there are types; a schema that is compiled without a look at them has only this. */
function ownershipOf(name: string, whose: Partial<Whose> | undefined): Ownership {
  const { owner, unowned } = whose ?? {}
  if ((owner === undefined) === (unowned === undefined)) {
    throw new TypeError(`table('${name}'): say one of owner: user() and unowned: { reason, read }`)
  }
  if (unowned === undefined) return owner!
  if (typeof unowned.reason !== 'string' || unowned.reason.trim() === '') {
    throw new TypeError(`table('${name}'): say why the rows are unowned, in "reason"`)
  }
  return { kind: 'unowned', ...unowned }
}

function withRuleColumns(name: string, columns: Columns, owner: Ownership, { softDelete }: Whose): Columns {
  const made: Columns = {}
  if (owner.kind === 'user') made[owner.column] = text().notNull().default(sql.raw(CALLER_ID))
  if (owner.kind === 'organization') {
    made[owner.column] = new BigIntTextBuilder().notNull().default(sql.raw(ACTIVE_ORGANIZATION_ID) as never)
  }
  if (softDelete === true) made[DELETED] = instant()
  const taken = Object.keys(made).find((key) => key in columns)
  if (taken !== undefined) {
    throw new TypeError(`table('${name}'): the column ${taken} is made by its owner rule or softDelete; leave it out`)
  }
  const all = { ...columns, ...made }
  for (const [key, builder] of Object.entries(all)) {
    const config = (builder as unknown as { config: { name: string } }).config
    if (config.name === '') config.name = snakeCase(key)
  }
  return all
}

const DELETED = 'deletedAt'

function describe(
  name: string,
  columns: Record<string, PgColumn>,
  ownership: Ownership,
  { softDelete }: Whose,
): TableFacts {
  const entries = Object.entries(columns)
  const idKey = entries.find(([, column]) => column.primary)?.[0]
  if (idKey === undefined) throw new TypeError(`table('${name}') has no key: give it \`id: id()\``)
  const deletedKey = softDelete === true ? DELETED : undefined
  const facts: Record<string, ColumnFacts> = {}
  const relations: Record<string, Relation> = {}
  for (const [key, column] of entries) {
    const isRule = key === ownerColumnOf(ownership) || key === deletedKey
    facts[key] = {
      key,
      sqlName: column.name,
      column,
      shows: showsAs(column),
      secret: isSecret(column),
      writable: !isRule && !column.primary && column.generated === undefined && column.generatedIdentity === undefined,
    }
    const reference = referenceOf(column)
    if (reference !== undefined) relations[relationName(key)] = { key, sqlName: column.name, target: reference.target }
  }
  return { name, ownership, columns: facts, relations, idKey, deletedKey }
}

/** Types that JSON can't hold without loss travel as their text. */
function showsAs(column: PgColumn): ColumnFacts['shows'] {
  const type = column.getSQLType()
  if (type.startsWith('timestamp') && type.includes('with time zone'))
    return column.dataType === 'date' ? 'instant' : 'text'
  return /^(text|varchar|char|uuid|bool|smallint|int(eger)?$|real|double|json|date)/.test(type) ? 'json' : 'text'
}

function hideSecrets(facts: TableFacts): void {
  for (const { column, secret } of Object.values(facts.columns)) {
    if (!secret) continue
    const read = column.mapFromDriverValue.bind(column)
    const write = column.mapToDriverValue.bind(column)
    column.mapFromDriverValue = (value) => new Secret(read(value as never))
    column.mapToDriverValue = (value) => new Secret(write((value instanceof Secret ? value.reveal() : value) as never))
  }
}

function constraintsOf(facts: TableFacts, self: Record<string, ExtraConfigColumn>): PgTableExtraConfigValue[] {
  const { name, ownership, idKey } = facts
  const ownKey = ownerColumnOf(ownership)
  const own = ownKey === undefined ? undefined : self[ownKey]!
  const constraints: PgTableExtraConfigValue[] = []
  const readable: { sqlName: string; reference: Reference }[] = []
  // One index for three uses: rows of one owner, in the order of their keys, and what composite foreign keys point at.
  if (own !== undefined) constraints.push(unique(`${name}_owner_key`).on(own, self[idKey]!))
  if (ownership.kind === 'organization') constraints.push(organizationKey(name, own!, ownership))
  for (const { key, sqlName, column } of Object.values(facts.columns)) {
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
  return [...constraints, ...policiesOf(facts, readable)]
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

function relationName(key: string): string {
  return key.endsWith('Id') && key.length > 2 ? key.slice(0, -2) : key
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
