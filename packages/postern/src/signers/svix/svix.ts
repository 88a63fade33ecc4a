import type { TimedOptions } from '../define-signer.js'
import type { Signer } from '../signer.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'

/** What the headers of a delivery by Svix begin with. Some of those who send by it use the standard's own names. */
export const SVIX_PREFIXES = ['svix', 'webhook'] as const

/**
 * Deliveries by Svix, whoever sends them: Standard Webhooks with headers called `svix-id`, `svix-timestamp` and
 * `svix-signature`. The secret (`whsec_…`) is each endpoint's own. Throws as `standardWebhooks()` does.
 *
 * Source: https://docs.svix.com/receiving/verifying-payloads/how-manual
 *
 * @example
 * const from = svix({ secrets: SVIX_WEBHOOK_SECRET })
 */
export function svix<Events = Record<string, unknown>>(options: TimedOptions): Signer<Events> {
  return standardSigner(options, { provider: 'svix', prefixes: SVIX_PREFIXES })
}
