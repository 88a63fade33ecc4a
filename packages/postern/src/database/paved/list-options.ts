import type { Operator } from './filter.js'

/** How a list is cut: by cursor, which is stable and costs the same on every page, or by number. */
export type Paging = 'cursor' | 'numbered'

/** What a client may ask of a list. Everything is an allow-list; without options a list has one order and no filter. */
export interface ListOptions<Row, Pages extends Paging = Paging> {
  /**
   * `cursor` (default): `?after=<cursor>`, any number of rows. `numbered`: `?page=2`, the first 10,000 rows, with their
   * number; rows that come or go meanwhile shift the pages.
   */
  readonly pages?: Pages
  /** The columns a client may sort by: `?sort=dueAt`, `?sort=-dueAt`. Default: none. */
  readonly sort?: readonly (keyof Row & string)[]
  /**
   * The columns a client may filter by: `['status']` for equality, `?status=paid`; `{ dueAt: ['gte', 'lt'] }` for those
   * operators, `?dueAt[gte]=2026-01-01`. Default: none.
   */
  readonly filter?: readonly (keyof Row & string)[] | FilterBy<Row>
  /** The text columns in which `?search=` looks for each of its words. Default: none. */
  readonly search?: readonly TextKey<Row>[]
  /** The order where the client names none. Default: newest first. */
  readonly order?: `${'-' | ''}${keyof Row & string}`
  /** Rows a page where the client names no number. Default 20. */
  readonly limit?: number
  /** The most rows a client gets at once. Default 100. */
  readonly maxLimit?: number
}

/** The operators that are offered, by column. */
export type FilterBy<Row> = { readonly [K in keyof Row & string]?: readonly OperatorFor<Row[K]>[] }

/** No order among booleans and the words of an enum, no `isNull` where nothing is NULL; documents can't be compared. */
type OperatorFor<T> =
  | (NonNullable<T> extends string | number | boolean | bigint | Date ? Extract<Operator, 'eq' | 'ne' | 'in'> : never)
  | (HasOrder<NonNullable<T>> extends true ? Extract<Operator, 'lt' | 'lte' | 'gt' | 'gte'> : never)
  | (null extends T ? Extract<Operator, 'isNull'> : never)

type HasOrder<T> = T extends number | bigint | Date ? true : string extends T ? true : false

type TextKey<Row> = { [K in keyof Row & string]: NonNullable<Row[K]> extends string ? K : never }[keyof Row & string]
