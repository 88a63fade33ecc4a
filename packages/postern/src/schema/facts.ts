import type { PgColumn } from 'drizzle-orm/pg-core'
import type { Ownership } from './owner.js'

/** Where a table keeps what Postern knows of it. `Symbol.for`, because bundlers may load this module twice. */
export const FACTS: unique symbol = Symbol.for('postern.table') as never

/** A row of a table, by the table's name alone: what constructors infer, because ten columns can't be read when hovering. */
export interface RowIn<Name extends string> {
  readonly table: Name
}

/**
 * What Postern knows of a table. The name, a row as it is read and a row as it is written are type parameters of their
 * own, so that nothing has to work them out of Drizzle's column map again.
 */
export interface TableFacts<Name extends string = string, Row = unknown, Insert = unknown> {
  readonly name: Name
  readonly ownership: Ownership
  /** By the key that TypeScript uses, in the order of declaration. */
  readonly columns: Readonly<Record<string, ColumnFacts>>
  /** By the relation's name: `customer` for `customerId`. */
  readonly relations: Readonly<Record<string, Relation>>
  /** The key of the `id()` column. */
  readonly idKey: string
  /** The key of the column that marks a row as deleted, where deletion is soft. */
  readonly deletedKey?: string | undefined
  /** The key of the `version()` column, where there is one. */
  readonly versionKey?: string | undefined
  /** Phantoms: never there at run time. */
  readonly rowIn?: RowIn<Name>
  readonly row?: Row
  readonly insert?: Insert
}

export interface ColumnFacts {
  readonly key: string
  readonly sqlName: string
  readonly column: PgColumn
  /** How JSON shows the value: as PostgreSQL's own JSON, as its text, or as an instant in UTC with milliseconds. */
  readonly shows: 'json' | 'text' | 'instant'
  readonly secret: boolean
  /** Whether `create` and `update` may set it: not the key, the owner, the version, or what PostgreSQL generates. */
  readonly writable: boolean
}

export interface Relation {
  readonly key: string
  readonly sqlName: string
  /** Resolved late, so that two tables may refer to each other. */
  readonly target: () => TableFacts
}

/** Anything that `table()` made, by name and rows alone. */
export interface Described<Name extends string = string, Row = unknown, Insert = unknown> {
  readonly [FACTS]: TableFacts<Name, Row, Insert>
}

/**
 * The facts of a table that `table()` made, `undefined` for a plain Drizzle table or anything else.
 *
 * @example
 * const owned = Object.values(schema).filter((value) => factsOf(value)?.ownership.kind === 'user')
 */
export function factsOf(value: unknown): TableFacts | undefined {
  return typeof value === 'object' && value !== null && FACTS in value ? (value as Described)[FACTS] : undefined
}
