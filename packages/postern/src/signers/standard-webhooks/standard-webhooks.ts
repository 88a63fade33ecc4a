import { defineSigner, type Scheme, type Signed, type TimedOptions } from '../define-signer.js'
import { decodeBase64 } from '../encodings.js'
import { idOf, instantOf, isObject, type JsonObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { standardKey } from './standard-secret.js'

/** What is told of a provider that signs by Standard Webhooks and has no signer of its own here. */
export interface StandardWebhooksOptions extends TimedOptions {
  /** Its name, for the inventory and logs. Default `standard-webhooks`. */
  readonly provider?: string
  /** The type of an event, where the body's `type` does not say it; `null` where the body tells none. */
  readonly type?: (payload: JsonObject) => string | null
}

/**
 * Deliveries of any provider that keeps to Standard Webhooks: `webhook-id.webhook-timestamp.body` by HMAC-SHA256 (`v1`, secret
 * `whsec_…`) or Ed25519 (`v1a`, public key `whpk_…`), in base64. Takes times within 300 s. The data of an event is the body's
 * `data`, or the body where it has none.
 *
 * Throws a `TypeError` for a secret that is missing, empty, short or neither of the two.
 *
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @example
 * const from = standardWebhooks({ provider: 'replicate', secrets, type: ({ status }) => `prediction.${String(status)}` })
 */
export function standardWebhooks<Events = Record<string, unknown>>(options: StandardWebhooksOptions): Signer<Events> {
  const { provider = 'standard-webhooks', type } = options
  return standardSigner(options, { provider, ...(type === undefined ? {} : { type }) })
}

/** In what a provider differs from the standard. */
export interface Kin {
  readonly provider: string
  /** What its headers begin with, in the order in which they are looked for. */
  readonly prefixes?: readonly string[]
  readonly key?: Scheme['key']
  readonly patienceMs?: number
  readonly type?: (payload: JsonObject) => string | null
  /** When it happened, where the body's `timestamp` does not say it. */
  readonly at?: (payload: JsonObject) => unknown
}

/** A signer of the standard or of its kin. */
export function standardSigner<Events>(options: TimedOptions, kin: Kin): Signer<Events> {
  const { provider, prefixes = ['webhook'], key = standardKey, patienceMs = 15_000 } = kin
  return defineSigner(
    {
      provider,
      keeps: prefixes.flatMap((prefix) => HEADERS.map((name) => `${prefix}-${name}`)),
      signsId: true,
      patienceMs,
      // 76 hours by the standard's own schedule; services that send for others replay by hand for weeks.
      resendsForMs: 30 * 86_400_000,
      toleranceSeconds: 300,
      key,
      read: (delivery) => readSignatures(delivery, prefixes),
      events: (delivery) => withJson(delivery.body, (payload) => eventOf(payload, delivery, prefixes, kin)),
    },
    options,
  )
}

const HEADERS = ['id', 'timestamp', 'signature'] as const

function readSignatures({ headers, body }: Delivery, prefixes: readonly string[]): Signed | RefusedReason {
  const prefix = prefixOf(headers, prefixes)
  const header = headers.get(`${prefix}-signature`)
  if (header === null) return 'signature-missing'
  const id = headers.get(`${prefix}-id`)
  if (id === null) return 'id-missing'
  // With a full stop in an id, the end of the id and the beginning of the body could be moved under one signature.
  if (idOf(id) === null || id.includes('.')) return 'id-malformed'
  const timestamp = headers.get(`${prefix}-timestamp`)
  const signatures = header.split(' ').map(signatureOf)
  return {
    signatures: signatures.filter((bytes) => bytes !== null),
    timestamp,
    contents: [[`${id}.${timestamp}.`, body]],
  }
}

/** All three of one name: those of another, which anybody can add, say nothing of it. */
function prefixOf(headers: Headers, prefixes: readonly string[]): string | undefined {
  return prefixes.find((prefix) => headers.has(`${prefix}-signature`)) ?? prefixes[0]
}

/** `v1,<base64>`. Other versions are passed over, as the standard says; their lengths tell the two that there are apart. */
function signatureOf(text: string): Uint8Array | null {
  const [version, base64 = '', ...more] = text.split(',')
  const length = version === 'v1' ? 32 : version === 'v1a' ? 64 : 0
  const bytes = more.length === 0 ? decodeBase64(base64) : null
  return bytes?.length === length ? bytes : null
}

function eventOf(payload: unknown, { headers }: Delivery, prefixes: readonly string[], kin: Kin): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an object')
  const type = typeOf(kin.type?.(payload) ?? payload['type'])
  if (type === null) return unreadable('The event has no type')
  const at = instantOf(kin.at?.(payload) ?? payload['timestamp'])
  const data = 'data' in payload ? payload['data'] : payload
  return oneEvent({ id: headers.get(`${prefixOf(headers, prefixes)}-id`), type, at, data, payload })
}
