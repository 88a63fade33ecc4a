import { createHash } from 'node:crypto'
import type { ProviderEvent } from '../signers/signer.js'

/** An event as the inbox keeps it. */
export interface InboxRow {
  /** Where it must be the same whatever dies: by `idOf`. Absent: one is made when it is stored. */
  readonly id?: string
  readonly endpoint: string
  /** Its identity: two rows of one endpoint never have the same. */
  readonly dedupeKey: string
  readonly eventType: string
  readonly eventAt: Date | null
  readonly orderingKey: string | null
  /** Whether its death holds up what comes after it under its key. */
  readonly blocksKey: boolean
  /** JSON, as `keptEvent` writes it; `null` where nothing could be read. */
  readonly event: string | null
  /** The bytes as they came; `null` where `event` holds them. */
  readonly body: Uint8Array | null
  readonly bodySha256: Buffer
  /** Whether the same bytes under another id are the same event. */
  readonly guardsBody: boolean
  readonly headers: string
  readonly status: 'received' | 'ignored' | 'dead'
  readonly maxAttempts: number
  readonly error: object | null
  /** `null` is for good. */
  readonly keepMs: number | null
}

/** An event as a handler's types know it, taken out of what was kept. */
export type KeptEvent = ProviderEvent

interface Kept {
  readonly id: string | null
  readonly type: string
  readonly at: string | null
  readonly payload?: unknown
  /** The payload where it is the whole body, in the very text of the body: then it need not be kept beside it. */
  readonly body?: unknown
  /** Where in the payload the data is, so that it is not kept twice; absent where it is not part of it. */
  readonly dataAt?: readonly string[]
  readonly data?: unknown
}

/**
 * An event as text. What a handler gets is always taken out of this, the first time too: what could not be kept would otherwise be
 * missed by the second attempt only. Throws a `RangeError` for what nests too deep.
 * @param body the text that the payload was read from, where it is the whole body
 */
export function keptEvent({ id, type, at, data, payload }: ProviderEvent, body: string | null = null): string {
  const dataAt = placeOf(data, payload)
  const kept: Kept = { id, type, at: at?.toISOString() ?? null, ...(dataAt === null ? { data } : { dataAt }) }
  if (body === null) return JSON.stringify({ ...kept, payload } satisfies Kept)
  return `${JSON.stringify(kept).slice(0, -1)}${BODY}${body}}`
}

/** No text of JSON can hold this: a quotation mark inside of one is escaped. */
const BODY = ',"body":'

/** The event that `keptEvent` wrote. */
export function eventOf(text: string): KeptEvent {
  const { id, type, at, dataAt, data, ...kept } = JSON.parse(text) as Kept
  const payload = 'body' in kept ? kept.body : kept.payload
  const found = dataAt?.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], payload)
  return { id, type, at: at === null ? null : new Date(at), payload, data: dataAt === undefined ? data : found }
}

/** The bytes of the body, where an event as text holds them. */
export function bodyIn(event: string): Buffer | null {
  const { body } = JSON.parse(event) as Kept
  return body === undefined ? null : Buffer.from(event.slice(event.indexOf(BODY) + BODY.length, -1))
}

/** The way from a payload to the very object that is its data, two steps at most. */
function placeOf(data: unknown, payload: unknown): readonly string[] | null {
  if (typeof data !== 'object' || data === null) return null
  if (data === payload) return []
  for (const [key, value] of entriesOf(payload)) {
    if (value === data) return [key]
    const inner = entriesOf(value).find(([, each]) => each === data)
    if (inner !== undefined) return [key, inner[0]]
  }
  return null
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/**
 * What an event is known by. An id that an index can't hold, or PostgreSQL's text can't, is known by its hash: under a prefix of its
 * own, so that no other id can be written to look like it.
 */
export function dedupeKeyOf(id: string | null, bytes: Uint8Array): string {
  if (id === null) return `sha256:${sha256(bytes).toString('hex')}`
  const fits = id.length <= 200 && !id.includes('\0') && wellFormed(id) === id
  return fits ? `id:${id}` : `hashed-id:${sha256(Buffer.from(id, 'utf16le')).toString('hex')}`
}

/** An id of a row that follows from what it is: of a row that may be made again, because nothing of the first one was left. */
export function idOf({ endpoint, dedupeKey }: Pick<InboxRow, 'endpoint' | 'dedupeKey'>): string {
  const hash = sha256(Buffer.from(`${endpoint}\n${dedupeKey}`)).toString('hex')
  // A UUID of one's own making (RFC 9562 §5.8).
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** Text of a provider's as PostgreSQL can hold it and a person can read it. */
export function storable(text: string): string {
  return wellFormed(text.replaceAll('\0', '�')).slice(0, 200)
}

/** Text without halves of surrogate pairs, which UTF-8 can't say. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}
