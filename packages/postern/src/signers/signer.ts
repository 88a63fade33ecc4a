/** One request of a provider, as it came. */
export interface Delivery {
  readonly method: string
  /** As the provider called it, behind proxies too: some sign it. */
  readonly url: string
  readonly headers: Headers
  /** The body's bytes, before anything has read them. */
  readonly body: Uint8Array
}

/** What a provider tells, taken from a delivery whose signature holds. */
export interface ProviderEvent {
  /** The provider's own id of the event; `null` where it has none: then the bytes are its identity. */
  readonly id: string | null
  /** What happened, in the provider's words: visible ASCII and spaces, at most 255 characters. */
  readonly type: string
  /** When it happened, by the provider; `null` where it does not say. */
  readonly at: Date | null
  /** What the event is about: the part that handlers are typed by. */
  readonly data: unknown
  /** The whole of it, as parsed. Integers beyond 2^53 have lost their last digits: the bytes have not. */
  readonly payload: unknown
}

/** Why a delivery is not believed. Words for logs and commands: they tell nothing of a secret or a signature. */
export type RefusedReason =
  | 'signature-missing'
  | 'signature-malformed'
  | 'signature-mismatch'
  | 'timestamp-missing'
  | 'timestamp-malformed'
  | 'timestamp-too-old'
  | 'timestamp-too-new'
  | 'event-too-old'
  | 'id-missing'
  | 'id-malformed'
  | 'url-malformed'
  | 'body-malformed'
  | 'body-unsigned'

/** What a signer makes of a delivery. */
export type Verdict =
  /** Genuine. A batch holds several events, and may hold none. */
  | { readonly kind: 'events'; readonly events: readonly ProviderEvent[] }
  /** Genuine, and asks whether we are there: answered as it says, and stored as no event. */
  | { readonly kind: 'handshake'; readonly response: Response }
  /** Genuine, but the body is not what the provider's bodies are: sending it again will not help. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /**
   * Not believed. `skewSeconds`: by how much the time that was signed is ahead of our clock, where the signature holds and
   * the time alone does not.
   */
  | { readonly kind: 'refused'; readonly reason: RefusedReason; readonly skewSeconds?: number }

/**
 * Says which deliveries are a provider's own. `Events` maps the names of its events to the data that each brings, for types
 * alone.
 *
 * **Security:** `verify` is the only way from bytes to an event, so that nothing can act on what it has not judged. It never
 * throws on what a delivery holds.
 */
export interface Signer<Events = Record<string, unknown>> {
  /** `stripe`: for the inventory and logs. */
  readonly provider: string
  /** Headers kept beside an event, in lower case: an allow-list, never `authorization` or `cookie`. */
  readonly keeps: readonly string[]
  /** Whether the signature covers the event's id. Where not, the same bytes under another id are the same event. */
  readonly signsId: boolean
  /** Whether the signature covers a time. Where not, keys are kept for good: they are the only guard against replay. */
  readonly signsTime: boolean
  /** How long the provider waits for an answer, in milliseconds. */
  readonly patienceMs: number
  /** How long after its first try it may still send the event again, by itself or by hand, in milliseconds. */
  readonly resendsForMs: number
  /** How many bytes a body may have, where the provider sends more than a backend usually takes. */
  readonly maxBodyBytes?: number
  verify(delivery: Delivery, now: Date): Verdict | Promise<Verdict>
  /** Which data comes with which type of event. Never set. */
  readonly events?: Events
}
