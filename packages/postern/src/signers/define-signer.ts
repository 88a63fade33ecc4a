import { readSecrets, type SecretOptions } from './secrets.js'
import type { Delivery, RefusedReason, Signer, Verdict } from './signer.js'
import type { SignedContent, SigningKey } from './signing-keys.js'
import { checkedTolerance, judgeAge, readTimestamp, type Tolerance } from './timestamps.js'

/** What is told to a signer whose scheme signs a time. */
export interface TimedOptions extends SecretOptions {
  /**
   * How far the signed time may be from this machine's, in seconds and to both sides. `'any-age'` takes every age.
   *
   * **Security:** whoever captured a delivery can send it again for as long. Widen it only for a clock that is off.
   */
  readonly toleranceSeconds?: Tolerance
}

/** How a provider signs, and what its bodies are. */
export interface Scheme {
  readonly provider: string
  readonly keeps: readonly string[]
  readonly signsId: boolean
  readonly patienceMs: number
  readonly resendsForMs: number
  readonly maxBodyBytes?: number
  /** The tolerance that holds where none is said, in seconds; `null` where the signature covers no time. */
  readonly toleranceSeconds: number | null
  /**
   * A secret, blanks taken off, as a key; or what is wrong with it, as the rest of a sentence that begins with "the secret",
   * and does not quote it.
   */
  key(secret: string): SigningKey | string
  /** Where the signatures stand, and what they cover. Judges shape alone. */
  read(delivery: Delivery): Signed | RefusedReason
  /** What a genuine delivery says. Called for no other. */
  events(delivery: Delivery): Verdict
}

/** What a delivery claims. */
export interface Signed {
  /** Decoded: any of them may be the one that holds. None where those there are could not be decoded. */
  readonly signatures: readonly Uint8Array[]
  /** The time as it was received, because that text is what was signed; `null` where it is missing or the scheme has none. */
  readonly timestamp: string | null
  /** What was signed; several where the provider may have spelled it in several ways. */
  readonly contents: readonly SignedContent[]
}

/** More than any rotation needs, and little work: an Ed25519 signature takes some 60 µs to be found wrong. */
const MOST_SIGNATURES = 32

/**
 * A signer of a scheme. Throws a `TypeError` for secrets and tolerances that cannot be meant.
 *
 * **Security:** every signature is tried with every secret. The time is judged after the signature: "too old" is said of what
 * is genuine alone, and then names a clock that is off.
 *
 * @example
 * const acme = defineSigner(
 *   {
 *     provider: 'acme', keeps: [], signsId: true, patienceMs: 10_000, resendsForMs: 86_400_000, toleranceSeconds: 300,
 *     key: (secret) => hmacKey(secret),
 *     read: ({ headers, body }) => {
 *       const signature = decodeHex(headers.get('acme-signature') ?? '')
 *       const timestamp = headers.get('acme-time')
 *       return { signatures: signature === null ? [] : [signature], timestamp, contents: [[timestamp ?? '', body]] }
 *     },
 *     events: ({ body }) =>
 *       withJson(body, (payload) => oneEvent({ id: null, type: 'tick', at: null, data: payload, payload })),
 *   },
 *   { secrets },
 * )
 */
export function defineSigner<Events = Record<string, unknown>>(scheme: Scheme, options: TimedOptions): Signer<Events> {
  const { provider, keeps, signsId, patienceMs, resendsForMs, maxBodyBytes } = scheme
  const keys = readSecrets(provider, options, (secret) => scheme.key(secret))
  const tolerance = toleranceOf(scheme, options)
  return {
    provider,
    keeps,
    signsId,
    // Where every age is taken the time guards nothing, and the keys alone are left to.
    signsTime: tolerance !== null && tolerance !== 'any-age',
    patienceMs,
    resendsForMs,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    verify(delivery, now) {
      const signed = scheme.read(delivery)
      if (typeof signed === 'string') return refused(signed)
      const time = tolerance === null ? null : readTime(signed.timestamp)
      if (typeof time === 'string') return refused(time)
      if (signed.signatures.length === 0 || signed.signatures.length > MOST_SIGNATURES)
        return refused('signature-malformed')
      if (!anyHolds(keys, signed)) return refused('signature-mismatch')
      const fault = time === null || tolerance === null ? null : judgeAge(time, now, tolerance)
      return fault === null ? scheme.events(delivery) : { kind: 'refused', ...fault }
    },
  }
}

function refused(reason: RefusedReason): Verdict {
  return { kind: 'refused', reason }
}

function readTime(text: string | null): number | RefusedReason {
  return text === null ? 'timestamp-missing' : (readTimestamp(text) ?? 'timestamp-malformed')
}

function anyHolds(keys: readonly SigningKey[], { signatures, contents }: Signed): boolean {
  return keys.some((key) =>
    contents.some((content) => {
      const holds = key.over(content)
      return signatures.some((signature) => holds(signature))
    }),
  )
}

function toleranceOf({ provider, toleranceSeconds: usual }: Scheme, { toleranceSeconds: said }: TimedOptions) {
  if (usual !== null) return checkedTolerance(provider, said === undefined ? usual : said)
  if (said === undefined) return null
  throw new TypeError(`${provider}(): its signatures cover no time: leave out toleranceSeconds`)
}
