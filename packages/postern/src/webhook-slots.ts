import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Schema, ServiceScope } from './database/scope-types.js'
import type { Foreign } from './foreign-database.js'
import type { Handler } from './handler.js'
import type { Log } from './log.js'
import type { ProviderEvent, Signer } from './signers/signer.js'

/** An event as a handler gets it. */
export interface WebhookEvent<Data = unknown> {
  /** The provider’s own id of it; `null` where it has none. */
  readonly id: string | null
  readonly type: string
  /** When it happened, by the provider; `null` where it does not say. */
  readonly at: Date | null
  /** What it is about. */
  readonly data: Data
  /** The whole of it, as the provider wrote it. */
  readonly payload: unknown
  /** When it came here, by the database’s clock. */
  readonly receivedAt: Date
  /** Which attempt this is, from 1 on. */
  readonly attempt: number
}

/** What a webhook’s function gets. */
export interface WebhookContext<D extends Schema, Data, Prepared> {
  readonly event: WebhookEvent<Data>
  /**
   * The transaction in which the event is marked as done, as the service: what is written through it is there once, or not at all.
   * `db.as({ id })` narrows to one principal, in the same transaction.
   */
  readonly db: ServiceScope<D>
  /** For effects outside of the database: the same with each attempt and each restart, another where a person forces a replay. */
  readonly idempotencyKey: string
  /** What `prepare` answered. */
  readonly prepared: Prepared
  /** Aborted when the attempt has taken too long. A client that hangs up does not abort it. */
  readonly signal: AbortSignal
  readonly log: Log
}

/** What is asked before the transaction opens. */
export interface PrepareContext {
  readonly event: Omit<WebhookEvent, 'receivedAt'>
  readonly idempotencyKey: string
  readonly signal: AbortSignal
  readonly log: Log
}

/** Slots that say nothing of types. */
export interface WebhookOptions {
  /** Unique, and never a URL: `stripe`, `stripe:eu`. Stored events are found by it, so it outlives a deploy. */
  readonly name: string
  /**
   * `inline` (default): the event is processed while the provider waits, and by a worker where that fails or takes too long.
   * `queued`: it is stored, and a worker does the rest. `one-commit`: stored with its effects and not before, in one transaction in
   * place of two: for many events (what that gains is measured in the repository, bench/README.md, Webhooks), but copies of one event
   * wait for the first, and one that killed the process leaves no trace.
   */
  readonly mode?: 'inline' | 'queued' | 'one-commit'
  /** How often an event is tried before it is dead. Default 12: with the backoff, about six hours. */
  readonly attempts?: number
  /** How long one attempt may take, in milliseconds. Default 60,000. */
  readonly deadlineMs?: number
  /** Until when the provider has its answer, in milliseconds. Default: four fifths of its patience. */
  readonly answerMs?: number
  /** Events of one key are processed one at a time, in the order in which they came. `null` is no key. */
  readonly orderBy?: (event: ProviderEvent) => string | null
  /** What a dead event means for those behind it under its key: `skip` (default) lets them pass, `block` holds them. */
  readonly onDead?: 'skip' | 'block'
  /**
   * Deliveries of events that are older, by the provider's own date, are refused as ones that were captured: 401. For providers whose
   * signature covers no time. Longer than it may send an event again, by itself or by hand. Default: any age.
   */
  readonly maxEventAge?: MaxEventAge
  /** The largest body, in bytes. Default: what the provider sends at most. */
  readonly maxBodyBytes?: number
  /** The address as the provider knows it, where proxies hide it and the signature covers it: `https://app.example/api/webhooks/twilio`. */
  readonly url?: string
}

/** How old an event may be. */
export interface MaxEventAge {
  /** In milliseconds. */
  readonly ms: number
  /**
   * When it happened; `null` is of any age. Default: the event's `at`.
   *
   * **Security:** take a date out of what is signed. Shopify's `at` is a header, which its signature does not cover: there it is
   * `({ data }) => new Date((data as { updated_at: string }).updated_at)`.
   */
  readonly of?: (event: ProviderEvent) => Date | null
}

/** What is done with the events of one type: a function, or one behind a schema for the event’s data. */
export type OnEvent<D extends Schema, Known, Data, Prepared> =
  | ((context: WebhookContext<D, Known, Prepared>) => unknown)
  | {
      /** Data that does not pass makes a dead event, which the provider need not send again. */
      readonly data: StandardSchemaV1<unknown, Data>
      readonly handle: (context: WebhookContext<D, Data, Prepared>) => unknown
    }

/** All that a webhook says. */
export interface WebhookSlots<D extends Schema, Events, S, Prepared> extends WebhookOptions {
  /** Whose events they are, and how that is proven: `stripe({ secrets: [env.STRIPE_WEBHOOK_SECRET] })`. */
  readonly from: Signer<Events>
  /** What is done, by the type of the event. A type that is not here is kept as `ignored`. */
  readonly on: {
    readonly [K in keyof S]: OnEvent<D, K extends keyof Events ? Events[K] : unknown, S[K], Prepared>
  } & { readonly [K in keyof Events]?: unknown }
  /**
   * Runs before each attempt, outside of its transaction: the place to ask the provider for the newest state, because an event is
   * only a hint. What it answers is `prepared`.
   */
  readonly prepare?: (context: PrepareContext) => Prepared | Promise<Prepared>
}

/**
 * Makes the handler of a provider’s webhook. Its signature is verified over the raw bytes before anything else; each event is stored,
 * and what its function writes through `db` takes effect exactly once, however often and by how many the event is delivered.
 * Throws a sentence for what can’t be meant: a name that is an address, a backend without `database()`, a number that is none.
 *
 * @example
 * export const POST = webhook({
 *   name: 'stripe',
 *   from: stripe({ secrets: [process.env.STRIPE_WEBHOOK_SECRET!] }),
 *   on: { 'checkout.session.completed': async ({ event, db }) => { await db.payments.create(paymentOf(event.data)) } },
 * })
 */
export interface Webhook<D extends Schema> {
  <Events, const S, Prepared = undefined>(
    slots: D extends Foreign<unknown> ? 'webhook() needs database()' : WebhookSlots<D, Events, S, Prepared>,
  ): Handler
}
