import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Scope, Schema } from './database/scope-types.js'
import type { Log } from './log.js'
import type { Principal } from './principal.js'
import type { ResponseColumns } from './response-columns.js'
import type { FACTS, TableFacts } from './schema/facts.js'

/** A value that may come at once or later. */
export type Awaitable<T> = T | Promise<T>

/** Narrows who may call, among those who are signed in. */
export type AuthSlot = { readonly role: string } | { readonly scope: string }

/** How the statements of a function share transactions. */
export type TransactionSlot = 'request' | 'statement' | 'snapshot'

/** What an `owns` or `sees` function is asked with: it loads a resource from another store, or answers `null`. */
export interface OwnershipQuestion {
  readonly principal: Principal | null
  readonly params: Readonly<Record<string, string | string[]>>
  readonly request: Request
  readonly signal: AbortSignal
}

/** Every slot an endpoint can have, by name. */
export interface SlotNames {
  /** Anyone may call, signed in or not; the reason stands in the inventory. */
  public?: unknown
  /** Only principals with this role or this scope. */
  auth?: unknown
  /** The row in the path must pass the table's write rule. */
  owns?: unknown
  /** The row in the path must pass the table's read rule. */
  sees?: unknown
  /** The path has params that name nobody's row; the reason stands in the inventory. */
  unowned?: unknown
  params?: unknown
  query?: unknown
  body?: unknown
  /** What may leave: `columns(table, [...])`, or a schema for what a function returns. */
  response?: unknown
  /** The status of success, where it is not 200, 201 or 204. */
  status?: unknown
  transaction?: unknown
}

type TableSlot<T> =
  | { readonly [FACTS]: T }
  | { readonly table: { readonly [FACTS]: T }; readonly param: string }
  | ((question: OwnershipQuestion) => Awaitable<T | null | undefined>)
type SchemaSlot<T> = StandardSchemaV1<unknown, T>

/** What a slot may hold, by its name; `T` is what the slot contributes to the types. */
export type Slot<Name, T> = Name extends 'owns' | 'sees'
  ? TableSlot<T>
  : Name extends 'params' | 'query' | 'body'
    ? SchemaSlot<T>
    : Name extends 'response'
      ? SchemaSlot<T> | ResponseColumns<T>
      : Name extends 'public' | 'unowned'
        ? T & string
        : Name extends 'auth'
          ? T & AuthSlot
          : Name extends 'status'
            ? T & number
            : T & TransactionSlot

export type Slots<S> = { [Name in keyof S]: Slot<Name, S[Name]> }

/**
 * What the slots demand of each other. Each demand is a key that is missing, so that the compiler's message reads as a
 * sentence: Property '"say one of owns, sees, unowned"' is missing.
 */
export type Demands<S> = DemandOwnership<S> & DemandOneOwnership<S> & DemandReason<S> & DemandNoAuth<S>

type Says<S, Name extends string> = Extract<keyof S, Name> extends never ? false : true
type Missing<Sentence extends string> = { readonly [K in `"${Sentence}"`]: never }

type DemandOwnership<S> =
  Says<S, 'params'> extends true
    ? Says<S, 'owns' | 'sees' | 'unowned'> extends true
      ? unknown
      : Missing<'say one of owns, sees, unowned'>
    : unknown

type DemandOneOwnership<S> = [Says<S, 'owns'>, Says<S, 'sees'>] extends [true, true]
  ? Missing<'say only one of owns, sees, unowned'>
  : [Says<S, 'owns' | 'sees'>, Says<S, 'unowned'>] extends [true, true]
    ? Missing<'say only one of owns, sees, unowned'>
    : unknown

type DemandReason<S> = S extends { readonly public: '' } | { readonly unowned: '' } ? Missing<'give a reason'> : unknown

type DemandNoAuth<S> =
  Says<S, 'public'> extends true
    ? Says<S, 'owns' | 'auth'> extends true
      ? Missing<'public goes with neither owns nor auth'>
      : unknown
    : unknown

/** What a function gets. A slot that is not declared is not there. */
export type Context<S, D extends Schema> = BaseContext<D> &
  Caller<S> &
  Resource<S> & { readonly [K in keyof S & ('params' | 'query' | 'body')]: S[K] }

interface BaseContext<D extends Schema> {
  /** The database, as the principal may use it. */
  readonly db: Scope<D>
  readonly log: Log
  readonly request: Request
  /** Aborted when the client goes away or the time for the request is up. */
  readonly signal: AbortSignal
  readonly requestId: string
}

type Caller<S> =
  Says<S, 'public'> extends true ? { readonly principal: Principal | null } : { readonly principal: Principal }

type Resource<S> = S extends { readonly owns: infer T } | { readonly sees: infer T }
  ? { readonly resource: T extends TableFacts<string, infer Row> ? Row : T }
  : unknown

/** What a paved operation may need beyond the context: that the body fits the table that is owned. */
export type Provided<S, D extends Schema> = Context<S, D> & { readonly fits: BodyFits<S> }

type BodyFits<S> = S extends { readonly owns: TableFacts<string, unknown, infer Insert>; readonly body: infer Body }
  ? Exclude<keyof Body, keyof Insert> extends never
    ? Body extends { [K in keyof Insert]?: Insert[K] | undefined }
      ? 'the body fits the table'
      : 'a field of the body has another type than its column'
    : `the body has a field that the table has not: ${Exclude<keyof Body, keyof Insert> & string}`
  : 'update() needs owns: table, and body: patchOf(Schema)'
