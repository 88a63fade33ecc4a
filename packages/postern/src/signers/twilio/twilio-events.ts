import { createHash } from 'node:crypto'
import { readForm } from '../form-body.js'
import { idOf, instantOf, isObject, oneEvent, typeOf, unreadable, withJson } from '../payload.js'
import type { Delivery, ProviderEvent, Verdict } from '../signer.js'
import { signedForm } from './twilio-form.js'

/** What a form says, or a query where nothing was sent. */
export function formEvent({ url, body }: Delivery): Verdict {
  const fields = readForm(body.length === 0 ? Buffer.from(new URL(url).search.slice(1)) : body)
  if (fields === null) return unreadable('The body is not a form of Twilio')
  const { type, id } = known(fields)
  return oneEvent({ id: id ?? madeOf(url, body), type, at: null, data: fields, payload: fields })
}

const SID = /^[A-Z]{2}[0-9a-f]{32}$/
const STATUS = /^[a-z-]{1,32}$/

function known(fields: Readonly<Record<string, string>>): { readonly type: string; readonly id: string | null } {
  const { MessageSid, SmsSid, MessageStatus, SmsStatus, CallSid, CallStatus, EventType } = fields
  const [message, status] = [MessageSid ?? SmsSid ?? '', MessageStatus ?? SmsStatus ?? '']
  if (SID.test(message) && STATUS.test(status)) return { type: `message.${status}`, id: `${message}:${status}` }
  // A call asks many things while it has one status.
  if (SID.test(CallSid ?? '') && STATUS.test(CallStatus ?? '')) return { type: `call.${CallStatus}`, id: null }
  return { type: typeOf(EventType) ?? 'webhook', id: null }
}

/**
 * The identity of a form that names none.
 *
 * **Security:** of what was signed, not of the bytes: these can be split into fields in other ways under one signature, and
 * each would be news.
 */
function madeOf(url: string, body: Uint8Array): string {
  const hash = createHash('sha256').update(url)
  return `sha256:${hash.update(signedForm(body) ?? body).digest('hex')}`
}

/** Event streams send a list of CloudEvents; other products one object. */
export function jsonEvents(body: Uint8Array): Verdict {
  return withJson(body, (payload) => {
    if (!Array.isArray(payload))
      return isObject(payload) ? oneEvent(jsonEvent(payload)) : unreadable('The body is no event')
    if (!payload.every(isObject)) return unreadable('The list holds what is no event')
    return { kind: 'events', events: payload.map(jsonEvent) }
  })
}

function jsonEvent(payload: Readonly<Record<string, unknown>>): ProviderEvent {
  const type = typeOf(payload['type']) ?? typeOf(payload['EventType']) ?? 'webhook'
  return { id: idOf(payload['id']), type, at: instantOf(payload['time']), data: payload['data'] ?? payload, payload }
}
