import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { FACTS, TableFacts } from '../schema/facts.js'
import type { RELATIONS } from '../schema/table.js'
import type { ListQuery } from './paved/list-query.js'

/** The tables of a project: what `import * as schema` gives. */
export type Schema = Record<string, unknown>

/** A table of the schema, by what paved operations need of it. */
export interface PavedTable<Name extends string, Row, Insert, Relations> {
  readonly [FACTS]: TableFacts<Name, Row, Insert>
  readonly [RELATIONS]: Relations
}

/** Which related rows to read along: `{ customer: true }`. */
export type With<Relations> = { readonly [K in keyof Relations]?: true }

/** The related rows that were asked for. */
export type Included<Relations, W> = { [K in keyof W & keyof Relations]: Relations[K] | null }

/** A page of rows, and the cursor of the next page or `null` at the end. */
export interface Page<Row> {
  readonly data: Row[]
  readonly next: string | null
}

/** The usual operations on one table, each one statement. Rows of others do not exist here. */
export interface TableScope<Name extends string, Row, Insert, Relations> {
  /** The row. Throws the problem `not-found` where there is none that the principal may read. */
  find<W extends With<Relations> = {}>(
    id: string,
    options?: { readonly with?: W },
  ): Promise<Row & Included<Relations, W>>
  /** The row, or `undefined`. */
  findOptional<W extends With<Relations> = {}>(
    id: string,
    options?: { readonly with?: W },
  ): Promise<(Row & Included<Relations, W>) | undefined>
  /** A page of a list: never more than the query's limit. */
  page<W extends With<Relations> = {}>(
    query?: Partial<Omit<ListQuery<Name>, 'table'>>,
    options?: { readonly with?: W },
  ): Promise<Page<Row & Included<Relations, W>>>
  /** Makes a row. Its owner is the principal. Throws `conflict` where a unique value is taken. */
  create(values: Insert): Promise<Row>
  /** Changes a row. Throws `not-found` where there is none that the principal may write. */
  update(id: string, values: Partial<Insert>): Promise<Row>
  /** Deletes a row. Throws `not-found` where there is none that the principal may write. */
  remove(id: string): Promise<void>
}

type TableScopes<S> = {
  readonly [K in keyof S as S[K] extends { readonly [FACTS]: unknown } ? K : never]: S[K] extends PavedTable<
    infer Name,
    infer Row,
    infer Insert,
    infer Relations
  >
    ? TableScope<Name, Row, Insert, Relations>
    : never
}

/** In the service's scope nobody is the principal, so the owner must be said. */
type ServiceTableScopes<S> = {
  readonly [K in keyof S as S[K] extends { readonly [FACTS]: unknown } ? K : never]: S[K] extends PavedTable<
    infer Name,
    infer Row,
    infer _Insert,
    infer Relations
  > & { readonly $inferInsert: infer Full }
    ? TableScope<Name, Row, WithOwnerOf<Full, S[K]>, Relations>
    : never
}

/** The owner column has a default, the principal; here it must be given. */
type WithOwnerOf<Full, T> =
  T extends PavedTable<string, unknown, infer Insert, unknown>
    ? [Insert] extends [never]
      ? Full
      : Insert & { [K in Exclude<keyof Full, keyof Insert>]-?: NonNullable<Full[K]> }
    : never

type Drizzle<S extends Schema> = Pick<
  NodePgDatabase<S>,
  | 'select'
  | 'selectDistinct'
  | 'selectDistinctOn'
  | 'insert'
  | 'update'
  | 'delete'
  | 'execute'
  | 'query'
  | 'with'
  | '$with'
  | '$count'
>

/**
 * The database as one principal may use it: paved operations by table, and all of Drizzle, under the same row-level
 * security. It ends with the request.
 */
export type Scope<S extends Schema> = TableScopes<S> &
  Drizzle<S> & {
    /** The only way round ownership: every row is visible and writable. The reason is logged. */
    asService(reason: string): ServiceScope<S>
    /** Runs several statements as one: all of them, or none. Inside a transaction it is a savepoint. */
    transaction<T>(work: (db: Scope<S>) => Promise<T>): Promise<T>
  }

/** The backend itself, acting for nobody. Every row is visible and writable; `create` demands the owner. */
export type ServiceScope<S extends Schema> = ServiceTableScopes<S> &
  Drizzle<S> & { transaction<T>(work: (db: ServiceScope<S>) => Promise<T>): Promise<T> }
