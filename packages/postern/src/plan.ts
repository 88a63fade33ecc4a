import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CacheSlot } from './cache-slot.js'
import type { Schema } from './database/scope-types.js'
import { listOf } from './database/paved/list-query.js'
import type { EndpointFacts } from './handler.js'
import type { Revalidate, Revalidation } from './host.js'
import type { IdempotentPlan } from './idempotent-slot.js'
import type { OperationPlan } from './operations.js'
import type { Principal } from './principal.js'
import type { RateLimitPlan } from './rate-limit/rate-limit-slot.js'
import type { ResponseColumns } from './response-columns.js'
import type { TableFacts } from './schema/facts.js'
import type { AuthSlot, Awaitable, OwnershipQuestion, TransactionSlot } from './slots.js'

/** The question as the runtime puts it, whatever the types of the backend's database are. */
export type Question = OwnershipQuestion<Schema, Principal | null>

/** Whose row the path names, and how that is decided. */
export type Ownership =
  | { readonly demand: 'owns' | 'sees'; readonly by: 'table'; readonly facts: TableFacts; readonly param: string }
  | {
      readonly demand: 'owns' | 'sees'
      readonly by: 'function'
      readonly load: (question: Question) => Awaitable<unknown>
    }

/** An endpoint or an action, read and checked when it is defined: nothing about its shape is decided while a request waits. */
export interface Plan {
  readonly kind: 'endpoint' | 'action'
  readonly publicReason: string | null
  readonly auth: AuthSlot | null
  readonly ownership: Ownership | null
  readonly unowned: string | null
  readonly schemas: Readonly<Partial<Record<'params' | 'query' | 'body' | 'input', StandardSchemaV1>>>
  readonly columns: ResponseColumns<unknown> | null
  readonly response: StandardSchemaV1 | null
  readonly status: number | null
  readonly transaction: TransactionSlot | null
  readonly ifMatch: boolean
  readonly cache: CacheSlot | null
  readonly rateLimit: RateLimitPlan | null
  readonly idempotent: IdempotentPlan | null
  /** Of an action. */
  readonly name: string | null
  readonly bind: readonly string[]
  readonly revalidate: Revalidation | ((done: Done) => Awaitable<Revalidate | undefined>) | null
  readonly does: OperationPlan | { readonly kind: 'function'; readonly run: (context: never) => unknown }
}

/** What an action has done, as `revalidate` is asked with it. */
export interface Done {
  /** What was answered; `undefined` where the function ended by a redirect. */
  readonly data: unknown
  readonly input: unknown
}

/** What the inventory says of it. */
export function factsOfPlan(plan: Plan): EndpointFacts {
  const named = (demand: 'owns' | 'sees') =>
    plan.ownership?.demand !== demand ? null : plan.ownership.by === 'table' ? plan.ownership.facts.name : 'function'
  return {
    kind: plan.kind,
    ...(plan.kind === 'action' ? { name: plan.name } : {}),
    auth: plan.publicReason !== null ? 'public' : (plan.auth ?? 'user'),
    publicReason: plan.publicReason,
    params:
      plan.kind === 'endpoint' &&
      (plan.schemas.params !== undefined || plan.ownership !== null || plan.unowned !== null),
    query: plan.schemas.query !== undefined,
    body: (plan.schemas.body ?? plan.schemas.input) !== undefined,
    owns: named('owns'),
    sees: named('sees'),
    unowned: plan.unowned,
    paginated: plan.does.kind === 'page' || listOf(plan.schemas.query) !== undefined,
    response: plan.columns !== null || plan.response !== null,
    rateLimit: plan.rateLimit?.said ?? null,
    idempotent: plan.idempotent !== null,
  }
}
