export { clerk, type ClerkEventType } from '../signers/clerk/clerk.js'
export { discord } from '../signers/discord/discord.js'
export { github } from '../signers/github/github.js'
export type { GitHubEventType } from '../signers/github/github-event-types.js'
export { openai, type OpenAIEventType } from '../signers/openai/openai.js'
export { paddle } from '../signers/paddle/paddle.js'
export type { PaddleEventType } from '../signers/paddle/paddle-event-types.js'
export { polar, type PolarEventType } from '../signers/polar/polar.js'
export { resend, type ResendEventType } from '../signers/resend/resend.js'
export { shopify, type ShopifyPayload } from '../signers/shopify/shopify.js'
export { slack } from '../signers/slack/slack.js'
export { standardWebhooks, type StandardWebhooksOptions } from '../signers/standard-webhooks/standard-webhooks.js'
export { stripe, type StripeEvent, type StripeEvents } from '../signers/stripe/stripe.js'
export type { StripeEventType } from '../signers/stripe/stripe-event-types.js'
export { supabase } from '../signers/supabase/supabase.js'
export { svix } from '../signers/svix/svix.js'
export { twilio } from '../signers/twilio/twilio.js'

export type { Delivery, ProviderEvent, RefusedReason, Signer, Verdict } from '../signers/signer.js'
export { defineSigner, type Scheme, type Signed, type TimedOptions } from '../signers/define-signer.js'
export { decodeBase64, decodeHex } from '../signers/encodings.js'
export type { KnownEvents } from '../signers/known-events.js'
export { type JsonObject, oneEvent, unreadable, withJson } from '../signers/payload.js'
export type { SecretOptions, SecretWarning } from '../signers/secrets.js'
export { ed25519Key, hmacKey, type SignedContent, type SigningKey } from '../signers/signing-keys.js'
export { readTimestamp, type Tolerance } from '../signers/timestamps.js'
export { PermanentError } from '../inbox/permanent-error.js'
export {
  DELIVERY_STATUSES,
  type DeliveryDetails,
  type DeliveryFilter,
  type DeliveryStatus,
  type InboxHome,
  listDeliveries,
  showDelivery,
  type StoredDelivery,
} from '../inbox/deliveries.js'
export { pruneDeliveries, type Pruned, type PruneOptions } from '../inbox/prune.js'
export {
  replayDeliveries,
  replayDelivery,
  type Replayed,
  type ReplayManyOptions,
  type ReplayOptions,
} from '../inbox/replay.js'
