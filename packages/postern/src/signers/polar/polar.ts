import type { TimedOptions } from '../define-signer.js'
import type { KnownEvents } from '../known-events.js'
import type { Signer } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'

// prettier-ignore
/** The types of events that Polar names: those of its SDK, compared by a test. */
export type PolarEventType =
  | 'benefit.created' | 'benefit.updated' | 'benefit_grant.created' | 'benefit_grant.cycled' | 'benefit_grant.revoked'
  | 'benefit_grant.updated' | 'checkout.created' | 'checkout.expired' | 'checkout.updated' | 'customer.created'
  | 'customer.deleted' | 'customer.state_changed' | 'customer.updated' | 'customer_seat.assigned' | 'customer_seat.claimed'
  | 'customer_seat.revoked' | 'member.created' | 'member.deleted' | 'member.updated' | 'order.created' | 'order.paid'
  | 'order.refunded' | 'order.updated' | 'organization.updated' | 'product.created' | 'product.updated' | 'refund.created'
  | 'refund.updated' | 'subscription.active' | 'subscription.canceled' | 'subscription.created' | 'subscription.past_due'
  | 'subscription.paused' | 'subscription.resumed' | 'subscription.revoked' | 'subscription.uncanceled' | 'subscription.updated'

/**
 * Deliveries of Polar: Standard Webhooks, with a secret that is its own text, whatever it begins with. Throws a `TypeError`
 * for a secret that is missing, empty or short.
 *
 * Source: https://polar.sh/docs/integrate/webhooks/delivery
 *
 * @example
 * const from = polar({ secrets: POLAR_WEBHOOK_SECRET })
 */
export function polar<Events = KnownEvents<PolarEventType>>(options: TimedOptions): Signer<Events> {
  return standardSigner(options, { provider: 'polar', key: (secret) => hmacKey(secret) })
}
