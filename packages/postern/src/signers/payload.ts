import { jsonRefusal, type JsonLimits } from '../http/json-limits.js'
import type { ProviderEvent, Verdict } from './signer.js'

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Deeper and wider than providers send: what they sign may still hold what their own users typed. */
const LIMITS: JsonLimits = { jsonDepth: 64, jsonKeys: 10_000, jsonItems: 100_000 }

/**
 * What `judge` says of a JSON body, or that it can't be read: not UTF-8, not JSON, nested too deeply, a key that stands twice
 * or is called `__proto__`. A byte order mark at its beginning is passed over. For a body whose signature holds, and no other.
 *
 * **Security:** a provider's users choose some of what it signs. Of a key that stands twice one reader takes the first and
 * another the last; a tree a hundred thousand levels deep ends whoever walks it.
 *
 * Source: RFC 8259 §4, §8.1.
 *
 * @example
 * const verdict = withJson(delivery.body, (payload) => oneEvent({ id: null, type: 'tick', at: null, data: payload, payload }))
 */
export function withJson(body: Uint8Array, judge: (payload: unknown) => Verdict): Verdict {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return unreadable('The body is not UTF-8')
  }
  return withJsonText(text, (payload) => {
    if (typeof payload === 'object' && payload !== null) texts.set(payload, text)
    return judge(payload)
  })
}

/** What payloads were read from: to write a payload anew costs as much as to store it. */
const texts = new WeakMap<object, string>()

/**
 * The text of the body that a payload is the whole of, as `withJson` has read it; `null` where it was made otherwise, or where a byte
 * order mark stood before it.
 */
export function textOf(payload: unknown, body: Uint8Array): string | null {
  const text = typeof payload === 'object' && payload !== null ? texts.get(payload) : undefined
  return text !== undefined && Buffer.byteLength(text) === body.length ? text : null
}

/** The same for JSON that stands in a field of a form. */
export function withJsonText(text: string, judge: (payload: unknown) => Verdict): Verdict {
  const refusal = jsonRefusal(text, LIMITS)
  if (refusal !== null) return unreadable(refusal)
  let payload: unknown
  try {
    payload = JSON.parse(text)
  } catch {
    return unreadable(text === '' ? 'The body is empty' : 'The body is not JSON')
  }
  return judge(payload)
}

/**
 * The verdict of a delivery that tells one event.
 *
 * @example
 * return oneEvent({ id: null, type: 'tick', at: null, data: payload, payload })
 */
export function oneEvent(event: ProviderEvent): Verdict {
  return { kind: 'events', events: [event] }
}

/**
 * The verdict of a genuine delivery that nothing can be made of. `reason` is for people, and quotes nothing of the body.
 *
 * @example
 * return unreadable('The event has no type')
 */
export function unreadable(reason: string): Verdict {
  return { kind: 'unreadable', reason }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A value as the id of an event, or `null`. It becomes a key in the database, where a NUL is refused and a long text costs:
 * 1 to 255 visible ASCII characters.
 */
export function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value) ? value : null
}

/** A value as the type of an event, or `null`. */
export function typeOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(value) ? value : null
}

/**
 * An instant in ISO 8601 with its zone, or in seconds since 1970; `null` for anything else, and for years that no database
 * takes. Without a zone it would be read as one of this machine's.
 */
export function instantOf(value: unknown): Date | null {
  if (typeof value === 'number') return within(new Date(value * 1000))
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(value)) return null
  return within(new Date(value))
}

const [FIRST, LAST] = [Date.UTC(1970, 0), Date.UTC(9999, 0)]

function within(date: Date): Date | null {
  return date.getTime() >= FIRST && date.getTime() < LAST ? date : null
}
