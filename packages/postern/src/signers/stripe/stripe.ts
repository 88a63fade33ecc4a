import { defineSigner, type TimedOptions } from '../define-signer.js'
import { readFields } from '../header-fields.js'
import type { KnownEvents } from '../known-events.js'
import { idOf, instantOf, isObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import type { StripeEventType } from './stripe-event-types.js'

/** What an event of Stripe's SDK looks like to types: `Stripe.Event` is one. */
export interface StripeEvent {
  readonly type: string
  readonly data: { readonly object: unknown }
}

/** The object that comes with each type of event: as the SDK types it where its union is named, else an object of JSON. */
export type StripeEvents<Event extends StripeEvent> = [Event] extends [never]
  ? KnownEvents<StripeEventType>
  : { readonly [Type in Event['type']]: Extract<Event, { type: Type }>['data']['object'] }

/**
 * Deliveries of Stripe: HMAC-SHA256 over `t.body`, in hexadecimal, by the whole text of the signing secret (`whsec_…`), which
 * each endpoint of the dashboard and `stripe listen` have of their own. Takes times within 300 s. The data of an event is its
 * `data.object`; name the SDK's union and it is typed: `stripe<Stripe.Event>(…)`.
 *
 * Throws a `TypeError` for a secret that is missing, empty or short.
 *
 * Source: https://docs.stripe.com/webhooks/signature
 *
 * @example
 * const from = stripe({ secrets: STRIPE_WEBHOOK_SECRET })
 */
export function stripe<Event extends StripeEvent = never>(options: TimedOptions): Signer<StripeEvents<Event>> {
  return defineSigner(
    {
      provider: 'stripe',
      keeps: ['stripe-signature'],
      signsId: true,
      // Stripe publishes none, and asks for an answer "quickly".
      patienceMs: 10_000,
      // Three days by itself; by hand for as long as it keeps an event.
      resendsForMs: 30 * 86_400_000,
      toleranceSeconds: 300,
      key: (secret) => hmacKey(secret),
      // v0 is of test events alone, and no security.
      read: (delivery) => readFields(delivery, FIELDS),
      events: ({ body }) => withJson(body, eventOf),
    },
    options,
  )
}

const FIELDS = { header: 'stripe-signature', separator: ',', time: 't', signature: 'v1', joint: '.' } as const

function eventOf(payload: unknown): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an event of Stripe')
  const [id, type] = [idOf(payload['id']), typeOf(payload['type'])]
  if (id === null || type === null) return unreadable('The event has no id or no type')
  const { data, created } = payload
  // Events of the second version name what they are about, and bring none of it.
  const object = isObject(data) && 'object' in data ? data['object'] : (payload['related_object'] ?? data ?? null)
  return oneEvent({ id, type, at: instantOf(created), data: object, payload })
}
