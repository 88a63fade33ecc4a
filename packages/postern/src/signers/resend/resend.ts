import type { TimedOptions } from '../define-signer.js'
import type { KnownEvents } from '../known-events.js'
import type { Signer } from '../signer.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'
import { SVIX_PREFIXES } from '../svix/svix.js'

// prettier-ignore
/** The types of events that Resend is known for. */
export type ResendEventType =
  | 'email.sent' | 'email.delivered' | 'email.delivery_delayed' | 'email.complained' | 'email.bounced' | 'email.opened'
  | 'email.clicked' | 'email.failed' | 'email.received' | 'email.scheduled' | 'email.suppressed' | 'contact.created'
  | 'contact.updated' | 'contact.deleted' | 'domain.created' | 'domain.updated' | 'domain.deleted'

/**
 * Deliveries of Resend, which sends by Svix. The secret is the endpoint's signing secret (`whsec_…`). Throws as
 * `standardWebhooks()` does.
 *
 * Source: https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests
 *
 * @example
 * const from = resend({ secrets: RESEND_WEBHOOK_SECRET })
 */
export function resend<Events = KnownEvents<ResendEventType>>(options: TimedOptions): Signer<Events> {
  return standardSigner(options, {
    provider: 'resend',
    prefixes: SVIX_PREFIXES,
    at: (payload) => payload['created_at'],
  })
}
