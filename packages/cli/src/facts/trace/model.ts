import type { ArrowFunctionExpression, Class, Function as FunctionNode } from 'oxc-parser'
import type { SourceFile } from '../source/source-file.js'
import type { Loop, Spot, Within } from './spot.js'

export type { Loop, Spot, Within }

/**
 * What is known of a value while code is followed. Nothing is run: a value is what the code shows of it, and where it shows
 * nothing, it is unknown and keeps only where it came from.
 */
export type Value =
  | Unknown
  | Literal
  | Text
  | FunctionValue
  | NativeFunction
  | ClassValue
  | ObjectValue
  | ListValue
  | LibraryValue
  | Truth
  | TypeOf
  | Either

export interface Unknown {
  readonly kind: 'unknown'
  readonly origins: readonly Origin[]
}

export interface Literal {
  readonly kind: 'literal'
  readonly value: string | number | boolean | bigint | null | undefined
}

/** A text that was put together: its parts in order, of which some are literal. */
export interface Text {
  readonly kind: 'text'
  readonly parts: readonly Value[]
}

export interface FunctionValue {
  readonly kind: 'function'
  readonly node: FunctionNode | ArrowFunctionExpression
  readonly scope: Scope
  readonly module: ModuleScope
  readonly self?: Value
  /** The class that it is a method of: what `super` leads up from. */
  readonly home?: ClassValue
  readonly bound?: readonly Value[]
  /** Its name where it has one, for people. */
  readonly name: string | null
}

/** A function that nobody wrote: what a framework hands over to be called. */
export interface NativeFunction {
  readonly kind: 'native'
  readonly name: string
  readonly call: (args: readonly Value[], at: CallAt) => Value
}

export interface ClassValue {
  readonly kind: 'class'
  readonly node: Class
  readonly scope: Scope
  readonly module: ModuleScope
}

/** An object whose properties are known as far as it was written. `others` is what a spread brought in. */
export interface ObjectValue {
  readonly kind: 'object'
  readonly properties: ReadonlyMap<string, Value>
  readonly others: readonly Value[]
  /** Of a class: where its methods are looked for. */
  readonly of?: ClassValue
}

export interface ListValue {
  readonly kind: 'list'
  readonly items: readonly Value[]
  /** Whether these are all. */
  readonly isWhole: boolean
}

/** Something of a package, by the way that leads to it: `@prisma/client` · PrismaClient() · user · findMany. */
export interface LibraryValue {
  readonly kind: 'library'
  readonly package: string
  readonly path: readonly Step[]
  readonly origins: readonly Origin[]
}

/** A member, and where it was called, with what. */
export interface Step {
  readonly name: string
  readonly args?: readonly Value[]
}

/** A value of which only matters what is known where it holds, and where it does not: a comparison, a check. */
export interface Truth {
  readonly kind: 'truth'
  readonly holds: readonly Condition[]
  readonly fails: readonly Condition[]
  readonly origins: readonly Origin[]
}

/** The name of a value's type, which is compared with a text. */
export interface TypeOf {
  readonly kind: 'type-of'
  readonly of: Value
}

/** One of several, each with what is known where it is that one. */
export interface Either {
  readonly kind: 'either'
  readonly cases: readonly Case[]
}

export interface Case {
  readonly value: Value
  readonly given: readonly Condition[]
}

/** A variable. What it holds at a moment is the state's to say; `initial` is what it holds where no state has said anything. */
export interface Cell {
  readonly initial: Value
  /** What it holds where nothing else is known: the first that was put into it. */
  remember(value: Value): void
  /** Whether that is so already. Nothing is found out for it. */
  isInitially(value: Value): boolean
}

/** The names that code can see: its own, then those around it. */
export interface Scope {
  find(name: string): Cell | undefined
  /** Only what was declared here. */
  own(name: string): Cell | undefined
  declare(name: string, initial?: Value | (() => Value)): Cell
}

/** The names of a module. */
export interface ModuleScope extends Scope {
  readonly file: SourceFile
}

/** Where something is called, and on what. */
export interface CallAt {
  readonly spot: Spot
  /** What it was called on, and by which name. */
  readonly self?: Value
  readonly name?: string | null
  readonly isTag?: boolean
}

/** Where a value comes from, as far as rules ask. Two reads are two origins; one read is one, however often it is used. */
export type Origin =
  | AnsweredOrigin
  | MacOrigin
  | InputOrigin
  | PrincipalOrigin
  | RowOrigin
  | ErrorOrigin
  | EnvironmentOrigin
  | SignedOrigin

export type InputPart = 'body' | 'query' | 'params' | 'headers' | 'cookies' | 'argument' | 'url'

/** The client's word. */
export interface InputOrigin {
  readonly from: 'input'
  readonly part: InputPart
  /** The dotted way to it inside the part; `''` is the whole. */
  readonly name: string
  /** The read that brought it in. */
  readonly source: object
  /** A schema has passed it. */
  readonly validated: boolean
}

/** Who is calling, as a library or a signature says it. */
export interface PrincipalOrigin {
  readonly from: 'principal'
  readonly name: string
  /** The look-up that it is from. */
  readonly source: object
}

/** What the database answered. */
export interface RowOrigin {
  readonly from: 'row'
  readonly name: string
  readonly source: Query
}

/** What was caught. */
export interface ErrorOrigin {
  readonly from: 'error'
  readonly name: string
  readonly source: object
}

/** What only the server knows. */
export interface EnvironmentOrigin {
  readonly from: 'environment'
  readonly name: string
  readonly source: object
}

/** What a library said that nobody has described: it may know who is calling. */
export interface AnsweredOrigin {
  readonly from: 'answered'
  readonly name: string
  readonly source: Asked
}

/** A call of a library's. */
export interface Asked {
  readonly library: string
  readonly name: string
  readonly args: readonly Value[]
}

/** What was computed with a secret over something. */
export interface MacOrigin {
  readonly from: 'mac'
  readonly name: string
  readonly source: object
  /** What it was computed over: the bytes that came, or what was made of them. */
  readonly over: 'raw' | 'parsed' | 'unknown'
}

/** What a signature has vouched for: a webhook's event, a token's content. */
export interface SignedOrigin {
  readonly from: 'signed'
  readonly name: string
  readonly source: object
}

/** What is known on a path because code has asked for it, and left where it did not hold. */
export type Condition =
  /** Somebody is signed in, by this look-up. */
  | { readonly is: 'authenticated'; readonly by: object }
  /** The caller has a role or a right, by what a look-up told. */
  | { readonly is: 'permitted'; readonly by: object }
  /** The caller knows a secret of the server’s; the server runs where nobody but its makers calls it. */
  | { readonly is: 'secret-known' | 'in-development' }
  | { readonly is: 'signature-holds'; readonly over: 'raw' | 'parsed' | 'unknown' }
  /** What a query looked for is there, or is not. */
  | { readonly is: 'found' | 'absent'; readonly query: Query }
  /** What came from there has the value of what came from here. */
  | { readonly is: 'equal'; readonly a: Origin; readonly b: Origin }
  /** What was caught is of a class that is named here. */
  | { readonly is: 'error-kind'; readonly source: object; readonly kind: string }
  /** It is one of a few values that are written out. */
  | { readonly is: 'one-of'; readonly origin: Origin }
  /** A row says that somebody has a role or a right. */
  | { readonly is: 'privileged'; readonly query: Query }
  /** It went on because of what a library said that nobody has described. */
  | { readonly is: 'judged'; readonly by: Asked }
  /** A schema, or a complete check, has passed it. */
  | { readonly is: 'valid'; readonly source: object }
  /** Paths have met here, and each of them had asked something else: a key on one, a session on the other. */
  | { readonly is: 'met'; readonly ways: readonly Known[] }

/** What is known, by what it says. */
export type Known = ReadonlyMap<string, Condition>

/** What is true of the place at which something happens. */
export interface Setting extends Spot {
  /** The calls that led there, from the entry point on. */
  readonly via: readonly Spot[]
  /** The function in which it stands. */
  readonly within: Within | null
  /** What is known there. */
  readonly known: Known
  /** The `try` around it that catches, in any of the calls. */
  readonly caughtBy: Catch | null
  /** The `catch` in which it is. */
  readonly inCatch: Catch | null
  /** The loop over rows or values around it. */
  readonly loop: Loop | null
}

/** One thing that an entry point does, in the order in which it does it. */
export type Fact = Setting & Happening

export type Happening =
  | IdentityFact
  | InputFact
  | ValidationFact
  | Query
  | GuardFact
  | AnswerFact
  | LogFact
  | OutsideFact
  | VerifyFact
  | RevalidateFact
  | SteerFact
  | ThrowFact

export interface GuardFact {
  readonly fact: 'guard'
  readonly conditions: readonly Condition[]
}

export interface ThrowFact {
  readonly fact: 'throw'
  readonly value: Value
}

export interface IdentityFact {
  readonly fact: 'identity'
  readonly library: string
}

export interface InputFact {
  readonly fact: 'input'
  readonly origin: InputOrigin
}

export interface ValidationFact {
  readonly fact: 'validation'
  readonly library: string
  readonly how: 'throws' | 'tells'
  readonly value: Value
  /** What it was parsed with, as it was put together. */
  readonly schema: LibraryValue
  /** Whether keys pass that it does not name; left out where its shape is what tells. */
  readonly isOpen?: boolean
}

export type QueryKind = 'find' | 'list' | 'create' | 'update' | 'delete' | 'upsert' | 'count' | 'raw' | 'call'

/** Work for a database. */
export interface Query {
  readonly fact: 'query'
  readonly library: string
  readonly does: QueryKind
  readonly table: string | null
  /** Columns that decide which rows, with what they must be. */
  readonly keys: readonly Key[]
  /** Whether more narrows it than the keys tell. */
  readonly isOpaque: boolean
  readonly data: Value | null
  readonly limit: Value | null
  /** The columns that it answers, or all of them; left out where that is not known. */
  readonly columns?: 'all' | readonly string[]
  /** The text of raw SQL. */
  readonly text?: Value
}

export interface Key {
  readonly column: string
  readonly value: Value
}

export interface AnswerFact {
  readonly fact: 'answer'
  readonly status: Value
  readonly body: Value
}

export interface LogFact {
  readonly fact: 'log'
  readonly value: Value
}

/** A call of somebody else's: mail, payment, fetch. */
export interface OutsideFact extends Asked {
  readonly fact: 'outside'
}

export interface VerifyFact {
  readonly fact: 'verify'
  readonly over: 'raw' | 'parsed' | 'unknown'
  readonly library: string
}

export interface RevalidateFact {
  readonly fact: 'revalidate'
}

/** A redirect, a page that is not found: control flow of the framework's, thrown; or `rethrow`, which throws on what of it was caught. */
export interface SteerFact {
  readonly fact: 'steer'
  readonly name: string
}

/** A `catch` clause, and what it does. */
export interface Catch extends Spot {
  readonly facts: Fact[]
  /** What was done in its `try`. */
  readonly tried: Fact[]
  /** The `try` around this one, in any of the calls. */
  readonly outer: Catch | null
  /** Some path through it throws. */
  throwsOn: boolean
  /** Every path through it throws: what went wrong goes on as it came. */
  alwaysThrows: boolean
}
