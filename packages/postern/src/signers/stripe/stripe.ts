import { defineSigner, type Signed, type TimedOptions } from '../define-signer.js'
import { decodeHex } from '../encodings.js'
import { idOf, instantOf, isObject, type JsonObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import type { StripeEventType } from './stripe-event-types.js'

/** What an event of Stripe's SDK looks like to types: `Stripe.Event` is one. */
export interface StripeEvent {
  readonly type: string
  readonly data: { readonly object: unknown }
}

/** The object that comes with each type of event: as the SDK types it where its union is named, else an object of JSON. */
export type StripeEvents<Event extends StripeEvent> = [Event] extends [never]
  ? { readonly [Type in StripeEventType]: JsonObject } & { readonly [type: string]: JsonObject }
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
      read: readSignature,
      events: ({ body }) => withJson(body, eventOf),
    },
    options,
  )
}

/** `t=1700000000,v1=…,v1=…,v0=…`: two signatures while a secret is rolled. v0 is of test events alone, and no security. */
function readSignature({ headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get('stripe-signature')
  if (header === null) return 'signature-missing'
  const fields = header.split(',').map(fieldOf)
  const times = fields.filter(([name]) => name === 't').map(([, value]) => value)
  // Of two times one would be signed and the other be read.
  if (times.length > 1) return 'timestamp-malformed'
  const macs = fields.filter(([name]) => name === 'v1')
  if (macs.length === 0) return times.length === 0 ? 'signature-malformed' : 'signature-missing'
  const signatures = macs.map(([, value]) => decodeHex(value)).filter((bytes) => bytes !== null)
  const timestamp = times[0] ?? null
  return { signatures, timestamp, contents: [[`${timestamp}.`, body]] }
}

function fieldOf(text: string): [name: string, value: string] {
  const end = text.indexOf('=')
  return end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)]
}

function eventOf(payload: unknown): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an event of Stripe')
  const [id, type] = [idOf(payload['id']), typeOf(payload['type'])]
  if (id === null || type === null) return unreadable('The event has no id or no type')
  const { data, created } = payload
  // Events of the second version name what they are about, and bring none of it.
  const object = isObject(data) && 'object' in data ? data['object'] : (payload['related_object'] ?? data ?? null)
  return oneEvent({ id, type, at: instantOf(created), data: object, payload })
}
