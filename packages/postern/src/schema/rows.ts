import type { InferInsertModel, InferSelectModel, BuildColumns } from 'drizzle-orm'
import type { PgTableWithColumns, PgTextBuilder } from 'drizzle-orm/pg-core'
import type { HasDefault, NotNull } from 'drizzle-orm'
import type { BigIntTextBuilder } from './big-int-text.js'
import type { MembershipOwner, OrganizationOwner, Owner, UserOwner } from './owner.js'
import type { instant } from './columns.js'
import type { Referenced } from './references.js'
import type { Secret } from './secret.js'
import type { Columns, Whose } from './whose.js'

type OwnerBuilder = HasDefault<
  NotNull<
    PgTextBuilder<{
      name: ''
      dataType: 'string'
      columnType: 'PgText'
      data: string
      enumValues: [string, ...string[]]
      driverParam: string
    }>
  >
>

/** The columns that a rule makes, by key. */
type RuleColumns<O> = (O extends { readonly owner: UserOwner<infer Column> } ? Record<Column, OwnerBuilder> : unknown) &
  (O extends { readonly owner: OrganizationOwner<infer Column> }
    ? Record<Column, HasDefault<NotNull<BigIntTextBuilder>>>
    : unknown) &
  (O extends { readonly softDelete: true } ? Record<'deletedAt', ReturnType<typeof instant>> : unknown)

/** The columns as written, and those that the rule makes. */
export type WithOwner<C extends Columns, O extends Whose> = C & RuleColumns<O>

type Config<C extends Columns, O extends Whose> = {
  name: string
  schema: undefined
  columns: BuildColumns<string, WithOwner<C, O>, 'pg'>
  dialect: 'pg'
}
type Select<C extends Columns, O extends Whose> = InferSelectModel<PgTableWithColumns<Config<C, O>>>
type Insert<C extends Columns, O extends Whose> = InferInsertModel<PgTableWithColumns<Config<C, O>>>
type Flat<T> = { [K in keyof T]: T[K] } & {}

/** A row as paved operations read it: every column but secrets. */
export type RowOf<C extends Columns, O extends Whose> = Flat<{
  [K in keyof Select<C, O> as NonNullable<Select<C, O>[K]> extends Secret<unknown> ? never : K]: Select<C, O>[K]
}>

/** A row as `create` writes it: neither key nor owner, and secrets as what they hold. What only the service writes: nothing. */
export type InsertOf<C extends Columns, O extends Whose> = O extends { readonly owner: Exclude<Owner, MembershipOwner> }
  ? Flat<{ [K in keyof Insert<C, O> as K extends keyof RuleColumns<O> ? never : K]: Revealed<Insert<C, O>[K]> }>
  : never

/** What a secret holds; anything else as it is. */
export type Revealed<T> = T extends Secret<infer Value> ? Value : T

/** What `with` may name: `customerId: references(customers)` gives `customer`. */
export type RelationsOf<C extends Columns> = Flat<{
  [
    K in keyof C & string as [Referenced<C[K]>] extends [never] ? never : K extends `${infer Name}Id` ? Name : K
  ]: Referenced<C[K]>
}>
