import { defineSigner, type Signed, type TimedOptions } from '../define-signer.js'
import { decodeHex } from '../encodings.js'
import { mediaType, readForm } from '../form-body.js'
import {
  idOf,
  instantOf,
  isObject,
  type JsonObject,
  oneEvent,
  typeOf,
  unreadable,
  withJson,
  withJsonText,
} from '../payload.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'

/**
 * Deliveries of Slack: HMAC-SHA256 over `v0:time:body`, in hexadecimal, by the app's signing secret. Takes times within 300 s.
 * Answers `url_verification` and the certificate check of slash commands.
 *
 * What happened, and its data:
 * - Events API: `event.type` (`app_mention`) and `event`.
 * - Interactions: `type` (`block_actions`) and the payload.
 * - Slash commands: `slash_command` and the fields of the form.
 *
 * The last two have no id, and Slack shows its user what they are answered within 3 s.
 *
 * Throws a `TypeError` for a secret that is missing, empty or short.
 *
 * Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
 *
 * @example
 * const from = slack({ secrets: SLACK_SIGNING_SECRET })
 */
export function slack<Events = Record<string, unknown>>(options: TimedOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'slack',
      keeps: [
        'content-type',
        'x-slack-request-timestamp',
        'x-slack-retry-num',
        'x-slack-retry-reason',
        'x-slack-signature',
      ],
      signsId: true,
      patienceMs: 3_000,
      // Three times within six minutes; where an app asks for delayed events, hourly for a day.
      resendsForMs: 86_400_000,
      toleranceSeconds: 300,
      key: (secret) => hmacKey(secret),
      read: readSignature,
      events: readEvent,
    },
    options,
  )
}

function readSignature({ headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get('x-slack-signature')
  if (header === null) return 'signature-missing'
  const timestamp = headers.get('x-slack-request-timestamp')
  const bytes = header.startsWith('v0=') ? decodeHex(header.slice('v0='.length)) : null
  return { signatures: bytes === null ? [] : [bytes], timestamp, contents: [[`v0:${timestamp}:`, body]] }
}

function readEvent({ headers, body }: Delivery): Verdict {
  const isJson = body[0] === OPEN_BRACE || mediaType(headers) === 'application/json'
  if (isJson) return withJson(body, readJsonEvent)
  const form = readForm(body)
  if (form === null) return unreadable('The body is neither JSON nor a form')
  if (form['ssl_check'] === '1') return { kind: 'handshake', response: new Response(null, { status: 200 }) }
  if (form['payload'] !== undefined) return withJsonText(form['payload'], readInteraction)
  if (form['command'] === undefined) return unreadable('The form is neither a command nor an interaction')
  return oneEvent({ id: null, type: 'slash_command', at: null, data: form, payload: form })
}

const OPEN_BRACE = 0x7b

function readJsonEvent(payload: unknown): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an object')
  if (payload['type'] === 'url_verification') return answerChallenge(payload['challenge'])
  if (payload['type'] !== 'event_callback') return readInteraction(payload)
  const event: JsonObject = isObject(payload['event']) ? payload['event'] : {}
  const type = typeOf(event['type'])
  if (type === null) return unreadable('The event has no type')
  return oneEvent({
    id: idOf(payload['event_id']),
    type,
    at: instantOf(payload['event_time']),
    data: event,
    payload,
  })
}

function readInteraction(payload: unknown): Verdict {
  const type = isObject(payload) ? typeOf(payload['type']) : null
  if (type === null) return unreadable('The payload has no type')
  return oneEvent({ id: null, type, at: null, data: payload, payload })
}

const MOST_CHALLENGE = 1_000

/**
 * **Security:** what is echoed was chosen by whoever knows the secret, and is still text that a browser must not take for a
 * page of ours: plain, not to be guessed at, and short.
 */
function answerChallenge(challenge: unknown): Verdict {
  if (typeof challenge !== 'string' || challenge === '' || challenge.length > MOST_CHALLENGE)
    return unreadable('There is no challenge to answer, or far too much of one')
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  }
  return { kind: 'handshake', response: new Response(challenge, { headers }) }
}
