import { createHmac, randomUUID } from 'node:crypto'

/** Whose signature is made. */
export type SignedProvider = 'stripe' | 'standard-webhooks' | 'svix' | 'github'

/** What is said of a delivery that a test sends. */
export interface SignedOptions {
  /** The one that the webhook under test was given. */
  readonly secret: string
  /** Default: now. */
  readonly now?: Date
  /** Of Standard Webhooks, Svix and GitHub, who send it beside the body. Default: a new one. */
  readonly id?: string
  /** GitHub’s word for what happened. */
  readonly type?: string
}

/**
 * A request as a provider would send it, signed: for `app.fetch()` of a backend under test.
 *
 * @example
 * const checkout = { id: 'evt_1', type: 'checkout.session.completed', data: { object: { client_reference_id: '1' } } }
 * await app.fetch(signedDelivery('stripe', '/api/webhooks/stripe', checkout, { secret: 'whsec_of_a_test_0123456789' }))
 */
export function signedDelivery(
  provider: SignedProvider,
  path: string,
  event: object,
  { secret, now = new Date(), id = randomUUID(), type = 'push' }: SignedOptions,
): Request {
  const body = JSON.stringify(event)
  const seconds = Math.floor(now.getTime() / 1_000)
  const signature = SIGNATURES[provider]({ body, seconds, secret, id, type })
  const headers = { 'content-type': 'application/json', ...signature }
  return new Request(new URL(path, 'http://localhost'), { method: 'POST', headers, body })
}

interface Signing {
  readonly body: string
  readonly seconds: number
  readonly secret: string
  readonly id: string
  readonly type: string
}

const SIGNATURES: Readonly<Record<SignedProvider, (signing: Signing) => Readonly<Record<string, string>>>> = {
  stripe: ({ body, seconds, secret }) => ({
    'stripe-signature': `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`,
  }),
  'standard-webhooks': (signing) => standard('webhook', signing),
  svix: (signing) => standard('svix', signing),
  github: ({ body, secret, id, type }) => ({
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'x-github-delivery': id,
    'x-github-event': type,
  }),
}

/** Source: Standard Webhooks 1.0.0: `id.timestamp.body`, by the secret's bytes. */
function standard(prefix: string, { body, seconds, secret, id }: Signing): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.replace(/^(?:v1,)?whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')
  return {
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(seconds),
    [`${prefix}-signature`]: `v1,${signature}`,
  }
}
