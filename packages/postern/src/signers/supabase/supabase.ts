import type { TimedOptions } from '../define-signer.js'
import { isObject } from '../payload.js'
import type { Signer } from '../signer.js'
import { standardKey } from '../standard-webhooks/standard-secret.js'
import { standardSigner } from '../standard-webhooks/standard-webhooks.js'

/**
 * Deliveries of Supabase's auth hooks: Standard Webhooks, with a secret that is shown as `v1,whsec_…`. Their bodies name no
 * type but in `metadata.name` (`before-user-created`): all others are `auth-hook`, one path for each. Supabase waits for the
 * answer and goes by it. Its database webhooks are not signed. Throws as `standardWebhooks()` does.
 *
 * Source: https://supabase.com/docs/guides/auth/auth-hooks
 *
 * @example
 * const from = supabase({ secrets: SEND_EMAIL_HOOK_SECRET })
 */
export function supabase<Events = Record<string, unknown>>(options: TimedOptions): Signer<Events> {
  // Self-hosted, several stand in one variable.
  const secrets = [options.secrets].flat().flatMap((said) => (typeof said === 'string' ? said.split('|') : said))
  return standardSigner(
    { ...options, secrets },
    {
      provider: 'supabase',
      key: (secret) => standardKey(secret.replace(/^v1,/, '')),
      patienceMs: 5_000,
      type: ({ metadata, type }) =>
        isObject(metadata) && typeof metadata['name'] === 'string'
          ? metadata['name']
          : typeof type === 'string'
            ? type
            : 'auth-hook',
      at: ({ metadata }) => (isObject(metadata) ? metadata['time'] : undefined),
    },
  )
}
