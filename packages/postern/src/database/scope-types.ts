import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Enqueue } from '../job-type.js'
import type { Principal } from '../principal.js'
import type { Described, FACTS, TableFacts } from '../schema/facts.js'
import type { RELATIONS } from '../schema/references.js'
import type { Included, Known, With } from './with-types.js'
import type { InsertNamed, RelationsNamed, RowNamed, ServiceInsertNamed } from '../schema/tables-of.js'
import type { Listed } from './paved/list-query.js'

/** The tables of a project: what `import * as schema` gives. */
export type Schema = Record<string, unknown>

/** A table of the schema, by what paved operations need of it. */
export interface PavedTable<Name extends string, Row, Insert, Relations> {
  readonly [FACTS]: TableFacts<Name, Row, Insert>
  readonly [RELATIONS]: Relations
}

/** A page of rows, and the cursor of the next page or `null` at the end. */
export interface Page<Row> {
  readonly data: Row[]
  readonly next: string | null
}

/** A page by its number. */
export interface NumberedPage<Row> {
  readonly data: Row[]
  /** The number that was asked for. */
  readonly page: number
  /** How many pages can be asked for. */
  readonly pages: number
  /** How many rows there are; `null` means more than 10,000, which is where numbered pages end. */
  readonly total: number | null
}

/** What `page` takes: what `listQuery` gave, or as much of it as you write yourself. */
interface PageAsked<Name extends string, Number> extends Partial<Listed<Name>> {
  readonly after?: string | null
  readonly page?: Number
}

type PageBy<Number, Row> = Number extends number ? NumberedPage<Row> : Page<Row>

/** What of a table can be read, each one statement. Rows that the principal may not read do not exist here. */
interface TableReads<Name extends string, S> {
  /** The row. Throws the problem `not-found` where there is none that the principal may read. */
  find<W extends With<RelationsNamed<Name, S>> = {}>(
    id: string,
    options?: { readonly with?: W & Known<RelationsNamed<Name, S>, W> },
  ): Promise<RowNamed<Name, S> & Included<RelationsNamed<Name, S>, W>>
  /** The row, or `undefined`. */
  findOptional<W extends With<RelationsNamed<Name, S>> = {}>(
    id: string,
    options?: { readonly with?: W & Known<RelationsNamed<Name, S>, W> },
  ): Promise<(RowNamed<Name, S> & Included<RelationsNamed<Name, S>, W>) | undefined>
  /** A page of a list, by cursor or, given `page`, by number: never more than the query's limit. */
  page<W extends With<RelationsNamed<Name, S>> = {}, Number extends number | undefined = undefined>(
    query?: PageAsked<Name, Number>,
    options?: { readonly with?: W & Known<RelationsNamed<Name, S>, W> },
  ): Promise<PageBy<Number, RowNamed<Name, S> & Included<RelationsNamed<Name, S>, W>>>
  /** Deletes a row. Throws `not-found` where there is none that the principal may write. */
  remove(id: string): Promise<void>
}

/** The usual operations on one table, by its name: hovering shows that, and not its columns. */
export interface TableScope<Name extends string, S> extends TableReads<Name, S> {
  /** Makes a row. Its owner is the principal. Throws `conflict` where a unique value is taken. */
  create(values: Writable<InsertNamed<Name, S>>): Promise<RowNamed<Name, S>>
  /** Changes a row. Throws `not-found` where there is none that the principal may write. */
  update(id: string, values: Partial<Writable<InsertNamed<Name, S>>>): Promise<RowNamed<Name, S>>
}

/** The same for the service: nobody is the principal, so the owner must be said. */
export interface ServiceTableScope<Name extends string, S> extends TableReads<Name, S> {
  /** Makes a row, whose owner is said. Throws `conflict` where a unique value is taken. */
  create(values: ServiceInsertNamed<Name, S>): Promise<RowNamed<Name, S>>
  /** Changes a row, whoever owns it. Throws `not-found` where there is none. */
  update(id: string, values: Partial<ServiceInsertNamed<Name, S>>): Promise<RowNamed<Name, S>>
}

/** What may be written; for an unowned table a sentence in its place, which the compiler shows. */
type Writable<Insert> = [Insert] extends [never]
  ? 'the rows are unowned: only db.asService(reason) writes them'
  : Insert

type TableScopes<S> = {
  readonly [K in keyof S as S[K] extends Described ? K : never]: S[K] extends Described<infer Name>
    ? TableScope<Name, S>
    : never
}

type ServiceTableScopes<S> = {
  readonly [K in keyof S as S[K] extends Described ? K : never]: S[K] extends Described<infer Name>
    ? ServiceTableScope<Name, S>
    : never
}

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
    /** Has a job done by this principal's right after the transaction, if and only if that commits. */
    readonly enqueue: Enqueue
  }

/** The backend itself, acting for nobody. Every row is visible and writable; `create` demands the owner. */
export type ServiceScope<S extends Schema> = ServiceTableScopes<S> &
  Drizzle<S> & {
    /** Narrows to one principal, in the same transaction: what a webhook does for the user it is about. */
    as(principal: Pick<Principal, 'id'> & Partial<Principal>): Scope<S>
    transaction<T>(work: (db: ServiceScope<S>) => Promise<T>): Promise<T>
    /** Has a job done by the service after the transaction, if and only if that commits. */
    readonly enqueue: Enqueue
  }
