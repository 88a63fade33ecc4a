import { defineSigner, type TimedOptions } from '../define-signer.js'
import { readFields } from '../header-fields.js'
import type { KnownEvents } from '../known-events.js'
import { idOf, instantOf, isObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Signer, Verdict } from '../signer.js'
import { hmacKey } from '../signing-keys.js'
import type { PaddleEventType } from './paddle-event-types.js'

/**
 * Deliveries of Paddle Billing: HMAC-SHA256 over `ts:body`, in hexadecimal, by the secret key of the notification destination
 * (`pdl_ntfset_…`). Takes times within 5 s, as Paddle asks: the clock of the machine must be right. An event is the same under
 * each of its destinations and replays (`event_id`).
 *
 * Throws a `TypeError` for a secret that is missing, empty or short.
 *
 * Source: https://developer.paddle.com/webhooks/about/signature-verification
 *
 * @example
 * const from = paddle({ secrets: PADDLE_WEBHOOK_SECRET })
 */
export function paddle<Events = KnownEvents<PaddleEventType>>(options: TimedOptions): Signer<Events> {
  return defineSigner(
    {
      provider: 'paddle',
      keeps: ['paddle-signature'],
      signsId: true,
      patienceMs: 5_000,
      // Sixty times within three days; by hand for as long as it keeps a notification.
      resendsForMs: 90 * 86_400_000,
      toleranceSeconds: 5,
      key: (secret) => hmacKey(secret),
      read: (delivery) => readFields(delivery, FIELDS),
      events: ({ body }) => withJson(body, eventOf),
    },
    options,
  )
}

const FIELDS = { header: 'paddle-signature', separator: ';', time: 'ts', signature: 'h1', joint: ':' } as const

function eventOf(payload: unknown): Verdict {
  if (!isObject(payload)) return unreadable('The body is not an object')
  const [id, type] = [idOf(payload['event_id']), typeOf(payload['event_type'])]
  if (id === null || type === null) return unreadable('The event has no id or no type')
  return oneEvent({ id, type, at: instantOf(payload['occurred_at']), data: payload['data'] ?? null, payload })
}
