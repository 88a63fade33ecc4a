import type { Database } from './database/database.js'
import type { Identity } from './database/identity.js'
import type { EnqueueBy } from './database/scope.js'
import type { Schema } from './database/scope-types.js'
import type { Deadline } from './deadline.js'
import type { Events } from './events.js'
import type { ForeignDatabase } from './foreign-database.js'
import type { IdempotencyKey } from './http/idempotency-key.js'
import type { Steering } from './host.js'
import type { Plan } from './plan.js'
import type { Principal } from './principal.js'

/** What an endpoint or an action has learned of one request by the time it executes. */
export interface Call {
  readonly plan: Plan
  readonly request: Request
  readonly requestId: string
  readonly params: RouteParams
  readonly principal: Principal | null
  readonly identity: Identity
  readonly input: Input
  /** What the caller says of the row's version; `null` where it says nothing, and need not. */
  readonly ifMatch: IfMatch | null
  /** There where the effect must come once: the endpoint is idempotent, writes, and a key was sent. */
  readonly idempotency?: IdempotencyKey | undefined
  readonly deadline: Deadline
  /** What a function gets beside what every function gets. */
  readonly gives?: object
  /** Whether what a function throws is a framework’s control flow: it may end the work well. */
  readonly steering?: (thrown: unknown) => Promise<Steering | undefined>
  readonly database: Database<Schema> | ForeignDatabase
  /** Puts a job into the queue; `undefined` without a database of our own. */
  readonly enqueue: EnqueueBy | undefined
  readonly events: Events
  /** Outside production a forgotten operation fails the request and names its line. */
  readonly strict: boolean
}

/** Any version, or one of these; none of them is a version that no row has. */
export type IfMatch = '*' | readonly string[]

/** What came in, checked: only what a slot declared is there. */
export type Input = Partial<Record<'params' | 'query' | 'body' | 'input', unknown>>

export type RouteParams = Readonly<Record<string, string | string[]>>

/** What came of it: JSON ready to be sent, nothing, what the caller has already, or a response that a function made itself. */
export type Outcome =
  | {
      readonly kind: 'json'
      readonly json: string
      readonly created: boolean
      readonly id?: string | undefined
      /** Of the one row that it is. */
      readonly version?: string | undefined
    }
  | { readonly kind: 'unchanged'; readonly version: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'response'; readonly response: Response }
  /** A framework’s control flow that ended the work well: it flies on when what was written is kept. */
  | { readonly kind: 'steered'; readonly thrown: unknown }
