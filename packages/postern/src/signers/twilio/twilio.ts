import { createHash } from 'node:crypto'
import { defineSigner, type Signed } from '../define-signer.js'
import { decodeBase64 } from '../encodings.js'
import { isForm, mediaType } from '../form-body.js'
import type { SecretOptions } from '../secrets.js'
import type { Delivery, RefusedReason, Signer } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import { formEvent, jsonEvents } from './twilio-events.js'
import { signedForm } from './twilio-form.js'
import { twilioUrls } from './twilio-urls.js'

/**
 * Deliveries of Twilio: HMAC-SHA1 over the address that it called and the fields of the form, in base64, by the account's auth
 * token. Where it sends JSON, the address holds the body's SHA-256. Behind a proxy the address must be the one that Twilio
 * knows.
 *
 * Messages and calls are called by their status (`message.delivered`, `call.completed`), event streams by their own types; the
 * data of a form are its fields. A message's id is its sid and status, that of anything else is made of what was signed.
 *
 * **Security:** no time is signed, and nothing stands between the fields: `Body=x&BodyExtra=y` and `Body=xBodyExtray` have one
 * signature. Whoever holds one delivery can move such borders in it, so trust a field no further than its format.
 *
 * Throws a `TypeError` for a token that is missing, empty or short.
 *
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 *
 * @example
 * const from = twilio({ secrets: TWILIO_AUTH_TOKEN })
 */
export function twilio<Events = Record<string, unknown>>(options: SecretOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'twilio',
      keeps: ['content-type', 'i-twilio-idempotency-token', 'x-twilio-signature'],
      signsId: true,
      patienceMs: 15_000,
      // Only where the webhook's own address asks for it (#rc=), and event streams for four hours.
      resendsForMs: 86_400_000,
      toleranceSeconds: null,
      // SHA-1 is Twilio's choice; what is broken of it does not break an HMAC (RFC 6194 §3.3).
      key: (secret) => hmacKey(secret, 'sha1'),
      read: readSignature,
      events: (delivery) => (hashInQuery(delivery.url) === null ? formEvent(delivery) : jsonEvents(delivery.body)),
    },
    options,
  )
}

function readSignature({ url, headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get('x-twilio-signature')
  if (header === null) return 'signature-missing'
  const urls = twilioUrls(url)
  if (urls === null) return 'url-malformed'
  const fields = signedBody(url, headers, body)
  if (typeof fields === 'string') return fields
  const bytes = decodeBase64(header)
  return {
    signatures: bytes === null ? [] : [bytes],
    timestamp: null,
    contents: urls.map((spelled) => [spelled, fields]),
  }
}

/** What of the body was signed along with the address. */
function signedBody(url: string, headers: Headers, body: Uint8Array): Uint8Array | RefusedReason {
  const hash = hashInQuery(url)
  if (hash !== null) {
    // The address is signed, and so is the hash in it.
    return createHash('sha256').update(body).digest('hex') === hash ? new Uint8Array() : 'signature-mismatch'
  }
  if (body.length > 0 && !isForm(headers) && mediaType(headers) !== null) return 'body-unsigned'
  return signedForm(body) ?? 'body-malformed'
}

function hashInQuery(url: string): string | null {
  return URL.canParse(url) ? new URL(url).searchParams.get('bodySHA256') : null
}
