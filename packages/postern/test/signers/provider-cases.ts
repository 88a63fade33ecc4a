import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { parse } from 'node:querystring'
import { discord } from '../../src/signers/discord/discord.js'
import { github } from '../../src/signers/github/github.js'
import { paddle } from '../../src/signers/paddle/paddle.js'
import { shopify } from '../../src/signers/shopify/shopify.js'
import { slack } from '../../src/signers/slack/slack.js'
import { stripe } from '../../src/signers/stripe/stripe.js'
import { twilio } from '../../src/signers/twilio/twilio.js'
import { delivery, ed25519, mac, type ProviderCase, URL } from './signed-delivery.js'
import { STANDARD } from './standard-cases.js'

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
}

const hexSecret = (number: number) => String(number).padStart(32, 'a')

const githubCase: ProviderCase = {
  name: 'github',
  make: (options) => github(options),
  secret: (number) => `a secret of one’s own ${number}`,
  tolerance: null,
  body: JSON.stringify({ action: 'opened', issue: { number: 1 } }),
  severalSignatures: false,
  signatureHeader: 'x-hub-signature-256',
  needed: ['x-hub-signature-256'],
  sign: ({ secrets: [secret], body, id }) =>
    delivery(body, {
      'content-type': 'application/json',
      'x-github-delivery': id,
      'x-github-event': 'issues',
      'x-hub-signature-256': `sha256=${mac('sha256', secret!, 'hex', body)}`,
    }),
}

const slackCase: ProviderCase = {
  name: 'slack',
  make: (options) => slack(options),
  secret: hexSecret,
  tolerance: 300,
  body: JSON.stringify({
    type: 'event_callback',
    event_id: 'Ev1',
    event_time: 1_699_999_990,
    event: { type: 'app_mention' },
  }),
  severalSignatures: false,
  signatureHeader: 'x-slack-signature',
  needed: ['x-slack-signature', 'x-slack-request-timestamp'],
  sign: ({ secrets: [secret], body, timestamp }) =>
    delivery(body, {
      'content-type': 'application/json',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac('sha256', secret!, 'hex', `v0:${timestamp}:`, body)}`,
    }),
}

const shopifyCase: ProviderCase = {
  name: 'shopify',
  make: (options) => shopify(options),
  secret: (number) => `shpss_${hexSecret(number)}`,
  tolerance: null,
  body: JSON.stringify({ id: 450_789_469, total_price: '598.94' }),
  severalSignatures: false,
  signatureHeader: 'x-shopify-hmac-sha256',
  needed: ['x-shopify-hmac-sha256'],
  sign: ({ secrets: [secret], body, id }) =>
    delivery(body, {
      'x-shopify-topic': 'orders/paid',
      'x-shopify-shop-domain': 'one.myshopify.com',
      'x-shopify-api-version': '2026-07',
      'x-shopify-webhook-id': id,
      'x-shopify-triggered-at': '2023-11-14T22:13:10.123Z',
      'x-shopify-hmac-sha256': mac('sha256', secret!, 'base64', body),
    }),
}

const paddleCase: ProviderCase = {
  name: 'paddle',
  make: (options) => paddle(options),
  secret: (number) => `pdl_ntfset_${hexSecret(number)}`,
  tolerance: 5,
  body: JSON.stringify({
    event_id: 'evt_1',
    event_type: 'transaction.completed',
    occurred_at: '2023-11-14T22:13:10.123456Z',
    data: { id: 'txn_1' },
  }),
  severalSignatures: true,
  signatureHeader: 'paddle-signature',
  needed: ['paddle-signature'],
  sign({ secrets, body, timestamp }) {
    const macs = secrets.map((secret) => `h1=${mac('sha256', secret, 'hex', `${timestamp}:`, body)}`)
    return delivery(body, { 'paddle-signature': [`ts=${timestamp}`, ...macs].join(';') })
  },
}

const SID = `SM${'0'.repeat(32)}`

const twilioCase: ProviderCase = {
  name: 'twilio',
  make: (options) => twilio(options),
  secret: hexSecret,
  tolerance: null,
  body: `To=%2B15550001&MessageSid=${SID}&MessageStatus=delivered&Body=caf%C3%A9+%26+more`,
  severalSignatures: false,
  signatureHeader: 'x-twilio-signature',
  needed: ['x-twilio-signature'],
  sign: ({ secrets: [secret], body }) =>
    delivery(body, {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': mac('sha1', secret!, 'base64', URL, sortedFields(body)),
    }),
}

const bytewise = (text: string) =>
  text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** As Twilio's page says it, on one character for each byte; of a name's values each once and in order, as its SDK has it. */
function sortedFields(body: Uint8Array): Buffer {
  const latin1 = Buffer.from(body).toString('latin1')
  const fields = parse(latin1, '&', '=', { decodeURIComponent: bytewise, maxKeys: 0 })
  const texts = Object.keys(fields)
    .sort()
    .flatMap((name) => [...new Set([fields[name]!].flat())].sort().map((value) => name + value))
  return Buffer.from(texts.join(''), 'latin1')
}

const discordCase: ProviderCase = {
  name: 'discord',
  make: (options) => discord(options),
  secret: (number) => publicHex(number),
  tolerance: 300,
  body: JSON.stringify({ version: 1, id: '1234', type: 2, token: 't', data: { name: 'deploy' } }),
  severalSignatures: false,
  signatureHeader: 'x-signature-ed25519',
  needed: ['x-signature-ed25519', 'x-signature-timestamp'],
  sign({ secrets: [secret], body, timestamp }) {
    const number = [1, 2, 3, 4].find((each) => publicHex(each) === secret)!
    return delivery(body, {
      'x-signature-timestamp': timestamp,
      'x-signature-ed25519': ed25519(privateKey(number), 'hex', timestamp, body),
    })
  },
}

/** RFC 8410 §7: a key of 32 equal bytes. */
export function privateKey(number: number): KeyObject {
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, number)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

export function publicBytes(number: number): Buffer {
  return createPublicKey(privateKey(number)).export({ format: 'der', type: 'spki' }).subarray(-32)
}

function publicHex(number: number): string {
  return publicBytes(number).toString('hex')
}

/** Every signer there is. */
export const PROVIDERS: readonly ProviderCase[] = [
  stripeCase,
  ...STANDARD,
  githubCase,
  slackCase,
  shopifyCase,
  paddleCase,
  twilioCase,
  discordCase,
]

export function providerCase(name: string): ProviderCase {
  const found = PROVIDERS.find((provider) => provider.name === name)
  if (found === undefined) throw new Error(`There is no provider ${name}`)
  return found
}
