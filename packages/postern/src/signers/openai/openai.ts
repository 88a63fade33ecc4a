import type { TimedOptions } from '../define-signer.js'
import type { KnownEvents } from '../known-events.js'
import type { Signer } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import { standardKey } from '../standard-webhooks/standard-secret.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'

// prettier-ignore
/** The types of events that OpenAI names: those of its SDK, compared by a test. */
export type OpenAIEventType =
  | 'response.completed' | 'response.failed' | 'response.cancelled' | 'response.incomplete' | 'batch.completed' | 'batch.failed'
  | 'batch.cancelled' | 'batch.expired' | 'fine_tuning.job.succeeded' | 'fine_tuning.job.failed' | 'fine_tuning.job.cancelled'
  | 'eval.run.succeeded' | 'eval.run.failed' | 'eval.run.canceled' | 'realtime.call.incoming'

/**
 * Deliveries of OpenAI: Standard Webhooks. The secret is `whsec_…`; one that does not begin so counts as text. Throws as
 * `standardWebhooks()` does.
 *
 * Source: https://platform.openai.com/docs/guides/webhooks
 *
 * @example
 * const from = openai({ secrets: OPENAI_WEBHOOK_SECRET })
 */
export function openai<Events = KnownEvents<OpenAIEventType>>(options: TimedOptions): Signer<Events> {
  return standardSigner(options, {
    provider: 'openai',
    key: (secret) => (secret.startsWith('whsec_') ? standardKey(secret) : hmacKey(secret)),
    at: (payload) => payload['created_at'],
  })
}
