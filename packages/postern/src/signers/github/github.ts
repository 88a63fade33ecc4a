import { defineSigner, type Signed } from '../define-signer.js'
import { decodeHex } from '../encodings.js'
import { isForm, readForm } from '../form-body.js'
import type { KnownEvents } from '../known-events.js'
import { idOf, isObject, oneEvent, typeOf, unreadable, withJson, withJsonText } from '../payload.js'
import type { SecretOptions } from '../secrets.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import type { GitHubEventType } from './github-event-types.js'

/**
 * Deliveries of GitHub: HMAC-SHA256 over the body, in hexadecimal, by the secret that was typed in where the webhook was made.
 * JSON and forms are read alike. An event's type is what GitHub calls it (`push`, `ping`), its data the whole body; what
 * happened in it is `data.action`. GitHub does not send again by itself what it got no 2xx for.
 *
 * **Security:** neither a time nor the id nor the type is signed: whoever holds one delivery can send it again under another
 * id, and as another event with the same body. Handlers should act on what the body says.
 *
 * Throws a `TypeError` for a secret that is missing, empty or short.
 *
 * Source: https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 *
 * @example
 * const from = github({ secrets: GITHUB_WEBHOOK_SECRET })
 */
export function github<Events = KnownEvents<GitHubEventType>>(options: SecretOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'github',
      keeps: [
        'content-type',
        'x-github-delivery',
        'x-github-event',
        'x-github-hook-id',
        'x-github-hook-installation-target-id',
        'x-github-hook-installation-target-type',
        'x-hub-signature-256',
      ],
      signsId: false,
      patienceMs: 10_000,
      // By hand, in its settings or by its API.
      resendsForMs: 3 * 86_400_000,
      maxBodyBytes: 25 * 1_048_576,
      toleranceSeconds: null,
      key: (secret) => hmacKey(secret),
      read: readSignature,
      events: readEvent,
    },
    options,
  )
}

/** The header of SHA-1 that GitHub sends as well is not looked at. */
function readSignature({ headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get('x-hub-signature-256')
  if (header === null) return 'signature-missing'
  const bytes = header.startsWith('sha256=') ? decodeHex(header.slice('sha256='.length)) : null
  return { signatures: bytes === null ? [] : [bytes], timestamp: null, contents: [[body]] }
}

function readEvent({ headers, body }: Delivery): Verdict {
  const judge = (payload: unknown) => {
    if (!isObject(payload)) return unreadable('The body is not an object')
    const type = typeOf(headers.get('x-github-event'))
    if (type === null) return unreadable('There is no header x-github-event')
    return oneEvent({ id: idOf(headers.get('x-github-delivery')), type, at: null, data: payload, payload })
  }
  if (!isForm(headers)) return withJson(body, judge)
  const json = readForm(body)?.['payload']
  return json === undefined ? unreadable('The form has no payload') : withJsonText(json, judge)
}
