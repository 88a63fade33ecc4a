import { type BuildColumns, type BuildExtraConfigColumns, getTableColumns } from 'drizzle-orm'
import {
  type PgColumn,
  type PgTable,
  type PgTableExtraConfigValue,
  type PgTableWithColumns,
  pgTable,
} from 'drizzle-orm/pg-core'
import { type ColumnFacts, type Described, FACTS, type Relation, type TableFacts } from './facts.js'
import { type Ownership, ownerColumnOf } from './owner.js'
import { referenceOf, type RELATIONS } from './references.js'
import type { InsertOf, RelationsOf, RowOf, WithOwner } from './rows.js'
import { DELETED, withRuleColumns } from './rule-columns.js'
import { isSecret, Secret } from './secret.js'
import { constraintsOf } from './table-constraints.js'
import { versionKeyOf } from './version.js'
import type { Columns, Whose } from './whose.js'

/** A demand as a key that is missing, so that the compiler's message reads as a sentence. */
export type Missing<Sentence extends string> = { readonly [K in Sentence]: never }

type DemandWhose<O> = O extends { readonly owner: unknown; readonly unowned: unknown }
  ? Missing<'say owner or unowned, not both'>
  : O extends { readonly unowned: { readonly reason: '' } }
    ? Missing<'give a reason'>
    : O extends { readonly owner: unknown } | { readonly unowned: unknown }
      ? unknown
      : Missing<'say owner: user(), or unowned: { reason, read }'>

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
  const versionKey = versionKeyOf(name, columns)
  const facts: Record<string, ColumnFacts> = {}
  const relations: Record<string, Relation> = {}
  for (const [key, column] of entries) {
    const isRule = key === ownerColumnOf(ownership) || key === deletedKey || key === versionKey
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
  return { name, ownership, columns: facts, relations, idKey, deletedKey, versionKey }
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

function relationName(key: string): string {
  return key.endsWith('Id') && key.length > 2 ? key.slice(0, -2) : key
}
