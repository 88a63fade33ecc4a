import { defineSigner, type Signed } from '../define-signer.js'
import { decodeBase64 } from '../encodings.js'
import { idOf, instantOf, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { SecretOptions } from '../secrets.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'

/** What an event of Shopify comes with, beside its data: from headers, which nobody signed. */
export interface ShopifyPayload {
  readonly shop: string | null
  readonly apiVersion: string | null
  readonly eventId: string | null
  readonly body: unknown
}

/**
 * Deliveries of Shopify: HMAC-SHA256 over the body, in base64, by the app's client secret. An event's type is its topic
 * (`orders/paid`), its data the body; `payload` tells the shop as well (`ShopifyPayload`). Its id is the delivery's
 * (`x-shopify-webhook-id`), because one event of a shop can be told under several topics.
 *
 * **Security:** neither time, id, topic nor shop is signed: whoever holds one delivery can send it again as another shop's. What
 * tells tenants apart should be in the body, or the webhook's path.
 *
 * Throws a `TypeError` for a secret that is missing, empty or short.
 *
 * Source: https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 *
 * @example
 * const from = shopify({ secrets: SHOPIFY_API_SECRET })
 */
export function shopify<Events = Record<string, unknown>>(options: SecretOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'shopify',
      keeps: PREFIXES.flatMap((prefix) => KEPT.map((name) => `${prefix}${name}`)),
      signsId: false,
      patienceMs: 5_000,
      // Eight times within four hours, and for two days by an older schedule.
      resendsForMs: 2 * 86_400_000,
      toleranceSeconds: null,
      key: (secret) => hmacKey(secret),
      read: readSignature,
      events: readEvent,
    },
    options,
  )
}

/** Those of events, which are newer, come without the x. */
const PREFIXES = ['shopify-', 'x-shopify-'] as const
const KEPT = [
  'api-version',
  'event-id',
  'hmac-sha256',
  'shop-domain',
  'sub-topic',
  'topic',
  'triggered-at',
  'webhook-id',
] as const

function prefixOf(headers: Headers): string {
  return headers.has('shopify-hmac-sha256') ? 'shopify-' : 'x-shopify-'
}

function readSignature({ headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get(`${prefixOf(headers)}hmac-sha256`)
  if (header === null) return 'signature-missing'
  const bytes = decodeBase64(header)
  return { signatures: bytes === null ? [] : [bytes], timestamp: null, contents: [[body]] }
}

function readEvent({ headers, body }: Delivery): Verdict {
  const header = (name: string) => headers.get(`${prefixOf(headers)}${name}`)
  return withJson(body, (data) => {
    const type = typeOf(header('topic'))
    if (type === null) return unreadable('There is no header of the topic')
    const payload: ShopifyPayload = {
      shop: header('shop-domain'),
      apiVersion: header('api-version'),
      eventId: header('event-id'),
      body: data,
    }
    return oneEvent({ id: idOf(header('webhook-id')), type, at: instantOf(header('triggered-at')), data, payload })
  })
}
