import type { TimedOptions } from '../define-signer.js'
import type { KnownEvents } from '../known-events.js'
import type { Signer } from '../signer.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'
import { SVIX_PREFIXES } from '../svix/svix.js'

// prettier-ignore
/** The types of events that Clerk is known for. */
export type ClerkEventType =
  | 'user.created' | 'user.updated' | 'user.deleted' | 'session.created' | 'session.ended' | 'session.removed' | 'session.revoked'
  | 'session.pending' | 'email.created' | 'sms.created' | 'waitlistEntry.created' | 'waitlistEntry.updated'
  | 'organization.created' | 'organization.updated' | 'organization.deleted' | 'organizationDomain.created'
  | 'organizationDomain.updated' | 'organizationDomain.deleted' | 'organizationInvitation.created'
  | 'organizationInvitation.accepted' | 'organizationInvitation.revoked' | 'organizationMembership.created'
  | 'organizationMembership.updated' | 'organizationMembership.deleted' | 'role.created' | 'role.updated' | 'role.deleted'
  | 'permission.created' | 'permission.updated' | 'permission.deleted' | 'paymentAttempt.created' | 'paymentAttempt.updated'
  | 'subscription.created' | 'subscription.updated' | 'subscription.active' | 'subscription.pastDue'
  | 'subscriptionItem.created' | 'subscriptionItem.updated' | 'subscriptionItem.active' | 'subscriptionItem.canceled'
  | 'subscriptionItem.ended' | 'subscriptionItem.abandoned' | 'subscriptionItem.incomplete' | 'subscriptionItem.pastDue'
  | 'subscriptionItem.upcoming' | 'subscriptionItem.freeTrialEnding'

/**
 * Deliveries of Clerk, which sends by Svix. The secret is the endpoint's signing secret (`whsec_…`). Throws as
 * `standardWebhooks()` does.
 *
 * Source: https://clerk.com/docs/webhooks/overview
 *
 * @example
 * const from = clerk({ secrets: CLERK_WEBHOOK_SIGNING_SECRET })
 */
export function clerk<Events = KnownEvents<ClerkEventType>>(options: TimedOptions): Signer<Events> {
  return standardSigner(options, {
    provider: 'clerk',
    prefixes: SVIX_PREFIXES,
    // In milliseconds.
    at: ({ timestamp }) => (typeof timestamp === 'number' ? timestamp / 1000 : timestamp),
  })
}
