import { defineSigner, type Signed, type TimedOptions } from '../define-signer.js'
import { decodeHex } from '../encodings.js'
import { idOf, instantOf, isObject, type JsonObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Delivery, RefusedReason, Signer, Verdict } from '../signer.js'
import { ed25519Key, type SigningKey } from '../signing-keys.js'

/**
 * Deliveries of Discord: Ed25519 over time and body, by a key that Discord alone has. `secrets` takes the application's public
 * key, 64 hexadecimal digits. Takes times within 300 s. Answers PING, of interactions and of webhook events.
 *
 * Interactions are called as Discord does (`APPLICATION_COMMAND`), with themselves as data; it shows its user what they are
 * answered within 3 s. Webhook events are called by `event.type`, with `event.data`; they have no id.
 *
 * Throws a `TypeError` for a key that is missing or none.
 *
 * Source: https://docs.discord.com/developers/interactions/overview#validating-security-request-headers
 *
 * @example
 * const from = discord({ secrets: DISCORD_PUBLIC_KEY })
 */
export function discord<Events = Record<string, unknown>>(options: TimedOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'discord',
      keeps: ['x-signature-ed25519', 'x-signature-timestamp'],
      signsId: true,
      patienceMs: 3_000,
      // By itself for ten minutes.
      resendsForMs: 86_400_000,
      // Its own library judges no time at all.
      toleranceSeconds: 300,
      key: keyOf,
      read: readSignature,
      events: ({ body }) => withJson(body, readEvent),
    },
    options,
  )
}

function keyOf(text: string): SigningKey | string {
  const bytes = decodeHex(text.toLowerCase())
  return bytes?.length === 32 ? ed25519Key(bytes) : 'is not the 64 hexadecimal digits of a public key'
}

function readSignature({ headers, body }: Delivery): Signed | RefusedReason {
  const header = headers.get('x-signature-ed25519')
  if (header === null) return 'signature-missing'
  const bytes = decodeHex(header)
  const timestamp = headers.get('x-signature-timestamp')
  // Nothing stands between them. A time is digits and a genuine body begins with a brace, so that none can pass to the other.
  return { signatures: bytes?.length === 64 ? [bytes] : [], timestamp, contents: [[timestamp ?? '', body]] }
}

const INTERACTIONS = [
  '',
  'PING',
  'APPLICATION_COMMAND',
  'MESSAGE_COMPONENT',
  'APPLICATION_COMMAND_AUTOCOMPLETE',
  'MODAL_SUBMIT',
]

function readEvent(payload: unknown): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an object')
  const { type, event } = payload
  if (type === 0) return { kind: 'handshake', response: new Response(null, { status: 204 }) }
  if (type === 1 && isObject(event)) return readWebhookEvent(payload, event)
  if (type === 1) return { kind: 'handshake', response: Response.json({ type: 1 }) }
  if (typeof type !== 'number' || !Number.isSafeInteger(type)) return unreadable('The interaction has no type')
  const name = INTERACTIONS[type] ?? `INTERACTION_${type}`
  return oneEvent({ id: idOf(payload['id']), type: name, at: null, data: payload, payload })
}

function readWebhookEvent(payload: JsonObject, event: JsonObject): Verdict {
  const type = typeOf(event['type'])
  if (type === null) return unreadable('The event has no type')
  const { timestamp, data } = event
  // In UTC, and mostly without saying so.
  const at = instantOf(timestamp) ?? instantOf(`${String(timestamp)}Z`)
  return oneEvent({ id: null, type, at, data: data ?? null, payload })
}
