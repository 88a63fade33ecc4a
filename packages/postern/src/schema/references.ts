import { type NotNull } from 'drizzle-orm'
import { BigIntTextBuilder } from './big-int-text.js'
import { type Described, factsOf, type TableFacts } from './facts.js'

declare const TARGET: unique symbol

/** The brand that carries what `with` may name, apart from the facts so that hovering stays short. */
export declare const RELATIONS: unique symbol

/** A relation, for the types alone: the row that it reads along, and what `with` may name behind it. */
export interface Related<Row, Relations> {
  readonly row: Row
  readonly relations: Relations
}

/** The column builder that `references()` gives: a bigint key that remembers whose. */
export type ReferenceBuilder<Row, Relations, Base = NotNull<BigIntTextBuilder>> = Base & {
  readonly [TARGET]: Related<Row, Relations>
}

/** What a reference points at, for the types of relations. */
export type Referenced<B> = B extends { readonly [TARGET]: infer Target } ? Target : never

export interface ReferenceOptions {
  /**
   * `owned` (default): the parent must belong to the same owner, by a composite foreign key.
   * `readable`: any parent that the writer may read, by a plain foreign key and a policy.
   *
   * **Security:** foreign-key checks ignore row-level security. A plain key alone would let a user attach a row to a
   * parent that they can't see.
   */
  readonly to?: 'owned' | 'readable'
  /** What happens to this row when its parent goes. Default: the parent can't go. */
  readonly onDelete?: 'restrict' | 'cascade' | 'set null'
}

export interface Reference extends Required<ReferenceOptions> {
  readonly target: () => TableFacts
  readonly table: () => unknown
}

/** `Described` alone says nothing of relations: what is behind it is `unknown`. */
type Made<Row, Relations> = Described<string, Row> & { readonly [RELATIONS]?: Relations }
type MadeByTable<Row, Relations> = Made<Row, Relations> | (() => Made<Row, Relations>)

/**
 * Points at a row of another table: the column, its foreign key, its index and the relation (`customerId` → `customer`).
 * Give a function where the other table is declared later. Throws at once if the other is not made by `table()`,
 * and where `set null` meets a column that can't be null.
 *
 * @example
 * customerId: references(customers)
 * // The table itself: the return type keeps TypeScript from going in a circle.
 * parentId: references((): Described => folders, { optional: true, onDelete: 'cascade' })
 */
export function references<Row, Relations>(
  target: MadeByTable<Row, Relations>,
  options: ReferenceOptions & { readonly optional: true },
): ReferenceBuilder<Row, Relations, BigIntTextBuilder>
export function references<Row, Relations>(
  target: MadeByTable<Row, Relations>,
  options?: ReferenceOptions,
): ReferenceBuilder<Row, Relations>
export function references(
  target: MadeByTable<unknown, unknown>,
  options: ReferenceOptions & { readonly optional?: boolean } = {},
): ReferenceBuilder<unknown, unknown, BigIntTextBuilder> {
  if (options.onDelete === 'set null' && options.optional !== true) {
    throw new TypeError("references(): onDelete: 'set null' needs optional: true, or no parent could ever be deleted")
  }
  const table = typeof target === 'function' ? target : () => target
  const builder = options.optional === true ? new BigIntTextBuilder() : new BigIntTextBuilder().notNull()
  const reference: Reference = {
    to: options.to ?? 'owned',
    onDelete: options.onDelete ?? 'restrict',
    table,
    target: () => {
      const facts = factsOf(table())
      if (facts === undefined) throw new TypeError('references() needs a table that was made by table()')
      return facts
    },
  }
  if (typeof target !== 'function') reference.target()
  Object.assign(configOf(builder), { posternReference: reference })
  return builder as ReferenceBuilder<unknown, unknown, BigIntTextBuilder>
}

/** What `table()` reads back from a built column. */
export function referenceOf(column: unknown): Reference | undefined {
  return configOf(column).posternReference
}

function configOf(target: unknown): { posternReference?: Reference } {
  return (target as { config: { posternReference?: Reference } }).config
}
