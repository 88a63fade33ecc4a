import type { Described } from './facts.js'
import type { RELATIONS } from './references.js'
import type { Revealed } from './rows.js'

/** The tables of a schema by the names that SQL knows them by: how a table's name becomes its row again. */
export type TablesOf<D> = {
  [K in keyof D as D[K] extends Described<infer Name> ? Name : never]: D[K]
}

/** A row of the table with this name, as it is read. */
export type RowNamed<Name, D> = { [K in keyof ReadOf<Name, D>]: ReadOf<Name, D>[K] }

type ReadOf<Name, D> = Name extends keyof TablesOf<D>
  ? TablesOf<D>[Name] extends Described<string, infer Row>
    ? Row
    : never
  : never

/** What `create` takes for the table with this name; `never` where only the service writes it. */
export type InsertNamed<Name, D> = Name extends keyof TablesOf<D>
  ? TablesOf<D>[Name] extends Described<string, unknown, infer Insert>
    ? Insert
    : never
  : never

/** What the service writes: the owner column has a default, the principal, and nobody is one. */
export type ServiceInsertNamed<Name, D> = Name extends keyof TablesOf<D>
  ? TablesOf<D>[Name] extends { readonly $inferInsert: infer Full }
    ? [InsertNamed<Name, D>] extends [never]
      ? { [K in keyof Full]: Revealed<Full[K]> }
      : WithOwner<InsertNamed<Name, D>, Full>
    : never
  : never

/** Flat, so that the compiler names the property that is missing. */
type WithOwner<Insert, Full> = {
  [K in keyof (Insert & OwnerOf<Insert, Full>)]: (Insert & OwnerOf<Insert, Full>)[K]
}
type OwnerOf<Insert, Full> = { [K in Exclude<keyof Full, keyof Insert | 'deletedAt'>]-?: NonNullable<Full[K]> } & {
  [K in Exclude<keyof Full & 'deletedAt', keyof Insert>]?: Full[K]
}

/** Whether the table with this name has a `version()` column. */
export type IsVersioned<Name, D> = Name extends keyof TablesOf<D>
  ? TablesOf<D>[Name] extends { readonly _: { readonly columns: infer Columns } }
    ? Extract<Columns[keyof Columns], { readonly _: { readonly version: true } }> extends never
      ? false
      : true
    : false
  : false

/** What `with` may name for the table with this name, and the rows that it reads along. */
export type RelationsNamed<Name, D> = Name extends keyof TablesOf<D>
  ? TablesOf<D>[Name] extends { readonly [RELATIONS]: infer Relations }
    ? Relations
    : never
  : never
