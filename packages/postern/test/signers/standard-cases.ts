import { clerk } from '../../src/signers/clerk/clerk.js'
import { openai } from '../../src/signers/openai/openai.js'
import { polar } from '../../src/signers/polar/polar.js'
import { resend } from '../../src/signers/resend/resend.js'
import { standardWebhooks } from '../../src/signers/standard-webhooks/standard-webhooks.js'
import { supabase } from '../../src/signers/supabase/supabase.js'
import { svix } from '../../src/signers/svix/svix.js'
import { delivery, mac, type ProviderCase } from './signed-delivery.js'

interface Kin {
  readonly name: string
  readonly make: ProviderCase['make']
  readonly prefix: string
  readonly secret?: (number: number) => string
  readonly key?: (secret: string) => Uint8Array
}

/** As many bytes as the standard asks for. */
const whsec = (number: number) => `whsec_${Buffer.alloc(32, number).toString('base64')}`
const decoded = (secret: string) => Buffer.from(secret.replace(/^(?:v1,)?whsec_/, ''), 'base64')
const asText = (secret: string) => Buffer.from(secret)

/** What signs by the standard, under one name or another. */
function standardCase({ name, make, prefix, secret = whsec, key = decoded }: Kin): ProviderCase {
  return {
    name,
    make,
    secret,
    tolerance: 300,
    body: JSON.stringify({ type: 'user.created', timestamp: '2023-11-14T22:13:10Z', data: { id: 'user_1' } }),
    severalSignatures: true,
    signatureHeader: `${prefix}-signature`,
    needed: [`${prefix}-id`, `${prefix}-timestamp`, `${prefix}-signature`],
    sign({ secrets, body, timestamp, id }) {
      const macs = secrets.map((one) => `v1,${mac('sha256', key(one), 'base64', `${id}.${timestamp}.`, body)}`)
      return delivery(body, {
        [`${prefix}-id`]: id,
        [`${prefix}-timestamp`]: timestamp,
        [`${prefix}-signature`]: macs.join(' '),
      })
    },
  }
}

/** Standard Webhooks and those who sign by it. */
export const STANDARD: readonly ProviderCase[] = [
  { name: 'standard-webhooks', make: standardWebhooks, prefix: 'webhook' },
  { name: 'svix', make: svix, prefix: 'svix' },
  { name: 'clerk', make: clerk, prefix: 'svix' },
  { name: 'resend', make: resend, prefix: 'svix' },
  { name: 'openai', make: openai, prefix: 'webhook' },
  {
    name: 'polar',
    make: polar,
    prefix: 'webhook',
    secret: (number: number) => `polar_whs_${String(number).padStart(32, '0')}`,
    key: asText,
  },
  { name: 'supabase', make: supabase, prefix: 'webhook', secret: (number: number) => `v1,${whsec(number)}` },
].map((kin) => standardCase(kin as Kin))
