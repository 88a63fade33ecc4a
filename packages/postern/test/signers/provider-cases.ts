import { Stripe } from 'stripe'
import { Webhook } from 'standardwebhooks'
import { standardWebhooks } from '../../src/signers/standard-webhooks/standard-webhooks.js'
import { stripe } from '../../src/signers/stripe/stripe.js'
import { delivery, mac, type ProviderCase } from './signed-delivery.js'

const sdk = new Stripe('sk_test_1')

const stripeCase: ProviderCase = {
  name: 'stripe',
  make: (options) => stripe(options),
  secret: (number) => `whsec_${String(number).padStart(32, '0')}`,
  tolerance: 300,
  body: JSON.stringify({ id: 'evt_1', type: 'invoice.paid', created: 1_699_999_990, data: { object: { id: 'in_1' } } }),
  severalSignatures: true,
  signatureHeader: 'stripe-signature',
  needed: ['stripe-signature'],
  sign({ secrets, body, timestamp }) {
    const macs = secrets.map((secret) => `v1=${mac('sha256', secret, 'hex', `${timestamp}.`, body)}`)
    return delivery(body, { 'stripe-signature': [`t=${timestamp}`, ...macs].join(',') })
  },
  signedBySdk: ({ secrets: [secret], timestamp, text }) =>
    sdk.webhooks.generateTestHeaderString({ payload: text, secret: secret!, timestamp: Number(timestamp) }),
  judgedBySdk: ({ headers, body }, secret) =>
    holds(() => sdk.webhooks.constructEvent(Buffer.from(body), headers.get('stripe-signature') ?? '', secret)),
}

/** As many bytes as the standard asks for. */
const standardSecret = (number: number) => `whsec_${Buffer.alloc(32, number).toString('base64')}`

/** What signs by the standard, under one name or another. */
function standardCase(kin: {
  readonly name: string
  readonly make: ProviderCase['make']
  readonly prefix: string
  readonly secret?: (number: number) => string
  readonly key?: (secret: string) => Uint8Array
  readonly signedBySdk: ProviderCase['signedBySdk']
  readonly judgedBySdk: ProviderCase['judgedBySdk']
}): ProviderCase {
  const { prefix, secret = standardSecret, key = (text) => Buffer.from(text.slice(6), 'base64'), ...rest } = kin
  return {
    ...rest,
    secret,
    tolerance: 300,
    body: JSON.stringify({ type: 'user.created', timestamp: '2023-11-14T22:13:10Z', data: { id: 'user_1' } }),
    severalSignatures: true,
    signatureHeader: `${prefix}-signature`,
    needed: [`${prefix}-id`, `${prefix}-timestamp`, `${prefix}-signature`],
    sign({ secrets, body, timestamp, id }) {
      const macs = secrets.map((one) => `v1,${mac('sha256', key(one), 'base64', `${id}.${timestamp}.`, body)}`)
      const headers = { id, timestamp, signature: macs.join(' ') }
      return delivery(
        body,
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [`${prefix}-${name}`, value])),
      )
    },
  }
}

const signedByStandard: ProviderCase['signedBySdk'] = ({ secrets: [secret], id, timestamp, text }) =>
  new Webhook(secret!).sign(id, new Date(Number(timestamp) * 1000), text)

const standard = standardCase({
  name: 'standard-webhooks',
  make: (options) => standardWebhooks(options),
  prefix: 'webhook',
  signedBySdk: signedByStandard,
  judgedBySdk: ({ headers, body }, secret) =>
    holds(() => new Webhook(secret).verify(Buffer.from(body), Object.fromEntries(headers), { jsonParse: false })),
})

function holds(verify: () => unknown): boolean {
  try {
    verify()
    return true
  } catch (error) {
    // What it can't parse it has believed.
    return error instanceof SyntaxError
  }
}

/** Every signer there is. */
export const PROVIDERS: readonly ProviderCase[] = [stripeCase, standard]
