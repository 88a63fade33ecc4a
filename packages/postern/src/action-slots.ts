import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Action, BoundAction, PlainAction } from './action-result.js'
import type { Schema } from './database/scope-types.js'
import type { HandleOf } from './foreign-database.js'
import type { Revalidate } from './host.js'
import type { JsonOf } from './json-of.js'
import type { OperationRefusal } from './operation-refusal.js'
import type { Creates, Operation } from './operations.js'
import type { Done } from './plan.js'
import type { Principal } from './principal.js'
import type { RateLimitSlot } from './rate-limit/rate-limit-slot.js'
import type { ResponseColumns } from './response-columns.js'
import type { RowIn } from './schema/facts.js'
import type { Missing } from './schema/table.js'
import type { RowNamed } from './schema/tables-of.js'
import type {
  Asks,
  AuthSlot,
  Awaitable,
  Context,
  Demands,
  Says,
  SlotsOf,
  TableOrFunction,
  TableSlot,
  TransactionSlot,
} from './slots.js'

/** What an action's `owns` or `sees` function is asked with: it loads what the input names, or answers `null`. */
export type ActionQuestion<D extends Schema, Who = Principal> = {
  /** Who is calling; `null` is nobody, whom only `sees` of a public action can meet. */
  readonly principal: Who
  /** The input, as its schema gives it. */
  readonly input: Readonly<Record<string, unknown>>
  /** The input's `id`; empty where it has none. */
  readonly id: string
  readonly request: Request
  readonly signal: AbortSignal
} & ([HandleOf<D>] extends [never] ? unknown : { readonly db: HandleOf<D> })

/** Every slot an action can have. */
export interface ActionSlots {
  /** Anyone may call, signed in or not; the reason stands in the inventory. */
  readonly public?: string
  /** Only principals with this role or this scope. */
  readonly auth?: AuthSlot
  /** What comes in: a schema, or `form()` where there are files. */
  readonly input?: StandardSchemaV1
  /** The row that the input's `id` names must pass the table's write rule. */
  readonly owns?: TableSlot<unknown>
  /** The row that the input's `id` names must pass the table's read rule. */
  readonly sees?: TableSlot<unknown>
  /** The input's `id` names nobody's row; the reason stands in the inventory. */
  readonly unowned?: string
  /** The fields of the input that bound arguments fill, in their order. They are judged like the others. */
  readonly bind?: readonly string[]
  /** How the log calls it, and a rate limit. */
  readonly name?: string
  /** What may leave: `columns(table, [...])`, or a schema for what a function returns. */
  readonly response?: StandardSchemaV1 | ResponseColumns<unknown>
  readonly transaction?: TransactionSlot
  /** How often each principal, or each client that is nobody, may call. It needs a `name`. */
  readonly rateLimit?: RateLimitSlot
  /** What is to be made anew once it is done: paths, `{ paths, tags }`, or a function of what was done. */
  readonly revalidate?: Revalidate | ((done: Done) => Awaitable<Revalidate | undefined>)
}

/** The same where a function says whose row it is. */
interface AskingSlots<D extends Schema> extends Omit<ActionSlots, 'owns' | 'sees'> {
  readonly owns?: TableOrFunction<unknown, ActionQuestion<D>>
  readonly sees?: TableOrFunction<unknown, ActionQuestion<D, Principal | null>>
}

/** What a slot contributes to the types, as those of an endpoint do. */
type Slot<Name, T, D extends Schema> = Name extends 'owns'
  ? TableOrFunction<T, ActionQuestion<D>>
  : Name extends 'sees'
    ? TableOrFunction<T, ActionQuestion<D, Principal | null>>
    : Name extends 'input'
      ? StandardSchemaV1<unknown, T>
      : Name extends 'response'
        ? ResponseColumns<T> | StandardSchemaV1<unknown, T>
        : Name extends 'public' | 'unowned'
          ? T & string
          : Name extends 'bind'
            ? T & readonly string[]
            : unknown

/** Infers `S` from the slots, as `Given` of an endpoint does. */
export type ActionGiven<S, D extends Schema> = [keyof S] extends [PropertyKey]
  ? SlotsOf<S, ActionSlots, AskingSlots<D>>
  : { readonly [Name in keyof S]: Slot<Name, S[Name], D> }

/** What the slots demand of each other: what those of an endpoint do, and what an id in the input does. */
export type ActionDemands<S, D> = [NamesRow<S>, Says<S, 'owns' | 'sees' | 'unowned'>] extends [true, false]
  ? Missing<'say one of owns, sees, unowned: the input has an id'>
  : [Says<S, 'rateLimit'>, Says<S, 'name'>] extends [true, false]
    ? Missing<'rateLimit needs a name: the limit is counted by it'>
    : [Unbindable<S>] extends [never]
      ? [UnnamedRow<S>] extends [never]
        ? Demands<S, D>
        : UnnamedRow<S>
      : Asks<'bind', `the input has no field ${Unbindable<S>}`>

/** Of a union too where one of its members has an id. */
type NamesRow<S> = 'id' extends KeysOf<S> ? true : false

/** A row of a table that no field of the input names. Nothing of a function: that reads the input as it likes. */
type UnnamedRow<S> = S extends { readonly owns: RowIn<string> }
  ? Unnamed<S, 'owns'>
  : S extends { readonly sees: RowIn<string> }
    ? Unnamed<S, 'sees'>
    : never

type Unnamed<S, Name extends 'owns' | 'sees'> =
  Says<S, 'input'> extends false
    ? Missing<`${Name} needs input: a field of it names the row`>
    : [KeysOf<S>] extends [never]
      ? never
      : NamesRow<S> extends true
        ? never
        : {
            readonly [K in Name]: {
              readonly param: KeysOf<S> | 'the input has no id: name the field in { table, param }'
            }
          }

type Unbindable<S> = S extends { readonly bind: infer Names }
  ? Exclude<Extract<Names extends readonly (infer Name)[] ? Name : never, string>, KeysOf<S>>
  : never

type KeysOf<S> = S extends { readonly input: infer In } ? (In extends unknown ? keyof In : never) : never

/** What an action's function gets. */
export type ActionContext<S, D extends Schema> = Context<S, D> & Revalidates

interface Revalidates {
  /** Has this be made anew once the action is done, and not where it fails. */
  readonly revalidate: (what: Revalidate) => void
}

/** A paved operation that the slots can feed, or a function. */
export type ActionDoes<S, N, R, D extends Schema> = [N] extends ['function']
  ? (context: ActionContext<S, D>) => R
  : [OperationRefusal<N, S, D, 'action'>] extends [never]
    ? Operation<N>
    : OperationRefusal<N, S, D, 'action'>

/** What it comes to. `In` is what the schema takes, where it is not what it gives. */
export type ActionOf<S, In, N, R, D> = S extends { readonly bind: infer Names extends readonly string[] }
  ? BoundAction<BoundBy<Names, In>, Omit<In, Names[number]>, Data<S, N, R, D>>
  : Says<S, 'input'> extends true
    ? Action<In, Data<S, N, R, D>>
    : PlainAction<Data<S, N, R, D>>

type BoundBy<Names extends readonly string[], In> = {
  -readonly [I in keyof Names]: Names[I] extends keyof In ? In[Names[I]] : string
}

type Data<S, N, R, D> = [N] extends ['function'] ? Left<S, Awaited<R>> : JsonOf<Paved<S, N, D>>

/** What leaves of what a function returns. Nothing is `null`, because JSON has no other nothing. */
type Left<S, R> = S extends { readonly response: infer T }
  ? R extends readonly unknown[]
    ? JsonOf<T extends readonly unknown[] ? T : T[]>
    : JsonOf<T>
  : unknown extends R
    ? unknown
    : R extends void | undefined
      ? null
      : JsonOf<R>

type Paved<S, N, D> = S extends { readonly response: infer T }
  ? T
  : N extends Creates<infer Name, string>
    ? RowNamed<Name, D>
    : N extends 'update'
      ? S extends { readonly owns: RowIn<infer Name> }
        ? RowNamed<Name, D>
        : never
      : null
