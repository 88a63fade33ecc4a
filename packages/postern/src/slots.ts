import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CacheSlot } from './cache-slot.js'
import type { Schema } from './database/scope-types.js'
import type { Foreign, HandleOf } from './foreign-database.js'
import type { Enqueue } from './job-type.js'
import type { IdempotentSlot } from './idempotent-slot.js'
import type { Log } from './log.js'
import type { Principal } from './principal.js'
import type { RateLimitSlot } from './rate-limit/rate-limit-slot.js'
import type { ResponseColumns } from './response-columns.js'
import type { FACTS, RowIn } from './schema/facts.js'
import type { Missing } from './schema/table.js'
import type { IsVersioned, RowNamed, TablesOf } from './schema/tables-of.js'

/** A value that may come at once or later. */
export type Awaitable<T> = T | Promise<T>

/** Narrows who may call, among those who are signed in. */
export type AuthSlot = { readonly role: string } | { readonly scope: string }

/** How the statements of a function share transactions. */
export type TransactionSlot = 'request' | 'statement' | 'snapshot'

/** What an `owns` or `sees` function is asked with: it loads the resource that the path names, or answers `null`. */
export type OwnershipQuestion<D extends Schema, Who = Principal> = Asked<Who> & Db<D>

interface Asked<Who> {
  /** Who is calling; `null` is nobody, whom only `sees` of a public endpoint can meet. */
  readonly principal: Who
  /** The path's dynamic segments, as they stand there. */
  readonly params: Readonly<Record<string, string | string[]>>
  /** The path's `[id]`. Reading it throws where there is none. */
  readonly id: string
  readonly request: Request
  readonly signal: AbortSignal
}

/** The database, where the backend has one: as the principal may use it, or another library's client. */
type Db<D extends Schema> = [HandleOf<D>] extends [never] ? unknown : { readonly db: HandleOf<D> }

/** Every slot an endpoint can have. */
export interface EndpointSlots {
  /** Anyone may call, signed in or not; the reason stands in the inventory. */
  readonly public?: string
  /** Only principals with this role or this scope. */
  readonly auth?: AuthSlot
  /** The row in the path must pass the table's write rule. */
  readonly owns?: TableSlot<unknown>
  /** The row in the path must pass the table's read rule. */
  readonly sees?: TableSlot<unknown>
  /** The path has params that name nobody's row; the reason stands in the inventory. */
  readonly unowned?: string
  readonly params?: StandardSchemaV1
  /** `listQuery(table)`, or a schema. */
  readonly query?: StandardSchemaV1
  readonly body?: StandardSchemaV1
  /** What may leave: `columns(table, [...])`, or a schema for what a function returns. */
  readonly response?: StandardSchemaV1 | ResponseColumns<unknown>
  /** The status of success, where it is not 200, 201 or 204. */
  readonly status?: number
  readonly transaction?: TransactionSlot
  /** A change says by `If-Match` which version it is of: 428 without, 412 for another. It needs `owns: table`, and a `version()` there. */
  readonly ifMatch?: true
  /** How long what a GET answers may be kept, in seconds; by everyone only where the endpoint is public and nobody signed in. */
  readonly cache?: CacheSlot
  /** How often each principal, or each client that is nobody, may call: `{ limit: 100, per: 'minute' }`. */
  readonly rateLimit?: RateLimitSlot
  /** A repetition with the same `Idempotency-Key` has no second effect, and is answered as the first was. */
  readonly idempotent?: IdempotentSlot
}

/** The same where a function says whose row it is: what it is asked with depends on the backend's database. */
interface AskingSlots<D extends Schema> extends Omit<EndpointSlots, 'owns' | 'sees'> {
  readonly owns?: TableOrFunction<unknown, OwnershipQuestion<D>>
  readonly sees?: TableOrFunction<unknown, OwnershipQuestion<D, Principal | null>>
}

/** Anything `table()` made: the slot infers `RowIn<'invoices'>` from it. */
interface TableLike<T> {
  readonly [FACTS]: { readonly rowIn?: T }
}

export type TableSlot<T> = TableLike<T> | { readonly table: TableLike<T>; readonly param: string }

export type TableOrFunction<T, Question> = TableSlot<T> | ((question: Question) => Awaitable<T | null | undefined>)

/** What a slot contributes to the types, `T`, by what it holds. A reason is read as it is, so that an empty one is seen. */
type Slot<Name, T, D extends Schema> = Name extends 'owns'
  ? TableOrFunction<T, OwnershipQuestion<D>>
  : Name extends 'sees'
    ? TableOrFunction<T, OwnershipQuestion<D, Principal | null>>
    : Name extends 'params' | 'query' | 'body'
      ? StandardSchemaV1<unknown, T>
      : Name extends 'public' | 'unowned'
        ? T & string
        : unknown

/**
 * Infers `S` from the slots, and is `EndpointSlots` once that is done: the compiler infers through both branches of a
 * condition. So hovering shows what was inferred once, and a wrong slot is measured against a type with a name.
 * `readonly` here takes it off `S`: that is how the compiler turns a mapped type round.
 */
export type Given<S, D extends Schema> = [keyof S] extends [PropertyKey]
  ? SlotsOf<S, EndpointSlots, AskingSlots<D>>
  : { readonly [Name in keyof S]: Slot<Name, S[Name], D> }

/**
 * The slots by their name: those of a table, or those in which a function may ask. While the compiler looks for the type of a
 * function's parameter, nothing of `S` is known yet.
 */
export type SlotsOf<S, Plain, Asking> = unknown extends S
  ? Asking
  : Says<S, 'owns' | 'sees'> extends false
    ? Plain
    : S extends { readonly owns: RowIn<string> } | { readonly sees: RowIn<string> }
      ? Plain
      : Asking

/**
 * What the slots demand of each other, the first thing that is wrong: one sentence is read, four are not. A demand is a key
 * that is missing, or a slot that would have to be the sentence, so that the compiler's message reads as one and points at
 * the slot: Type 'string' is not assignable to type '"public goes with neither owns nor auth"'.
 */
export type Demands<S, D> = [Says<S, 'public'>, Says<S, 'owns' | 'auth'>] extends [true, true]
  ? Asks<'public', 'public goes with neither owns nor auth'>
  : [Says<S, 'public'>, Says<S, 'idempotent'>] extends [true, true]
    ? Asks<'idempotent', 'idempotent does not go with public: a reply is kept for its principal'>
    : S extends { readonly public: '' }
      ? Asks<'public', 'give a reason'>
      : [Says<S, 'unowned'>, Says<S, 'owns' | 'sees'>] extends [true, true]
        ? Asks<'unowned', 'say only one of owns, sees, unowned'>
        : S extends { readonly unowned: '' }
          ? Asks<'unowned', 'give a reason'>
          : [OwnershipRefusal<S, D>] extends [never]
            ? [ForeignRefusal<S, D>] extends [never]
              ? VersionDemand<S, D>
              : ForeignRefusal<S, D>
            : Missing<OwnershipRefusal<S, D>>

export type Asks<Name extends string, Sentence extends string> = { readonly [K in Name]: Sentence }

type OwnershipRefusal<S, D> = [Says<S, 'owns'>, Says<S, 'sees'>] extends [true, true]
  ? 'say only one of owns, sees, unowned'
  : [Says<S, 'params'>, Says<S, 'owns' | 'sees' | 'unowned'>] extends [true, false]
    ? 'say one of owns, sees, unowned'
    : TableRefusal<S, D>

type TableRefusal<S, D> = S extends { readonly owns: infer T } | { readonly sees: infer T }
  ? T extends RowIn<infer Name>
    ? Name extends keyof TablesOf<D>
      ? never
      : D extends Foreign<unknown>
        ? 'a table needs database(): write a function that asks db'
        : `${Name} is not in the schema that database() was given`
    : never
  : never

/** What only a database of `database()` can do. */
type ForeignRefusal<S, D> =
  D extends Foreign<unknown>
    ? Says<S, 'idempotent'> extends true
      ? Asks<'idempotent', 'idempotent needs database(): the reply is stored in the transaction of its effect'>
      : Says<S, 'transaction'> extends true
        ? Missing<'transaction needs database(): open one with your own client'>
        : never
    : never

type VersionDemand<S, D> =
  Says<S, 'ifMatch'> extends true
    ? [S extends { readonly owns: RowIn<infer Name> } ? IsVersioned<Name, D> : false] extends [true]
      ? unknown
      : Missing<'ifMatch needs owns: a table with a version() column'>
    : unknown

export type Says<S, Name extends string> = Extract<keyof S, Name> extends never ? false : true

/** What a function gets. A slot that is not declared is not there. */
export type Context<S, D extends Schema> = {
  readonly [K in keyof Members<S, D> as K extends keyof S | Always ? K : Further<S, D, K>]: Members<S, D>[K]
}

type Always = 'principal' | 'log' | 'request' | 'signal' | 'requestId'
type Further<S, D extends Schema, K> = K extends 'resource'
  ? Says<S, 'owns' | 'sees'> extends true
    ? K
    : never
  : K extends 'db'
    ? [HandleOf<D>] extends [never]
      ? never
      : K
    : K extends 'defer'
      ? D extends Foreign<unknown>
        ? never
        : K
      : never

interface Members<S, D extends Schema> {
  /** Who is calling; `null` is nobody, and only where the endpoint is public. */
  readonly principal: Says<S, 'public'> extends true ? Principal | null : Principal
  /** The path's dynamic segments, as their schema gives them. */
  readonly params: Contributed<S, 'params'>
  /** The query string, as its schema gives it. */
  readonly query: Contributed<S, 'query'>
  /** The body, as its schema gives it. */
  readonly body: Contributed<S, 'body'>
  /** An action’s input, as its schema gives it. */
  readonly input: Contributed<S, 'input'>
  /** The row that the path names: it is there, and the caller may have it. */
  readonly resource: Resource<S, D>
  /** The database, as the principal may use it; another library's client as it is. */
  readonly db: HandleOf<D>
  /** Has a job done after the response, if and only if what is written here lasts: `db.enqueue`. */
  readonly defer: Enqueue
  readonly log: Log
  readonly request: Request
  /** Aborted when the client goes away or the time for the request is up. */
  readonly signal: AbortSignal
  readonly requestId: string
}

type Contributed<S, Name extends string> = S extends { readonly [K in Name]: infer T } ? T : never

type Resource<S, D> = S extends { readonly owns: infer T } | { readonly sees: infer T }
  ? T extends RowIn<infer Name>
    ? RowNamed<Name, D>
    : T
  : never
