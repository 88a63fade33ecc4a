import type { RefusedReason } from './signer.js'

/**
 * How far the time that was signed may be from ours, in seconds and to both sides. `'any-age'` takes every age: there is no
 * number for it, so that no sum that went wrong (`Infinity`, `NaN`) can mean it.
 */
export type Tolerance = number | 'any-age'

/**
 * Whole seconds since 1970, as providers write them, or `null` for anything else.
 *
 * **Security:** `parseInt` reads `1700000000junk`, `1700000000.5` and `+1700000000` as one number, and Number() reads
 * `0x6553f100`: several texts for one time, of which one was signed. `NaN` would then be beyond no tolerance at all.
 *
 * @example
 * readTimestamp('1700000000') // 1700000000
 * readTimestamp('1700000000.0') // null
 */
export function readTimestamp(text: string): number | null {
  return /^[1-9]\d{0,12}$/.test(text) ? Number(text) : null
}

/** What speaks against a time, if anything. `seconds` of ours are counted whole, as the providers' own libraries do. */
export function judgeAge(
  seconds: number,
  now: Date,
  tolerance: Tolerance,
): { readonly reason: RefusedReason; readonly skewSeconds: number } | null {
  if (tolerance === 'any-age') return null
  const skewSeconds = seconds - Math.floor(now.getTime() / 1000)
  if (skewSeconds < -tolerance) return { reason: 'timestamp-too-old', skewSeconds }
  // A time ahead of ours would stay fresh for longer than the tolerance, and so would whoever captured it.
  if (skewSeconds > tolerance) return { reason: 'timestamp-too-new', skewSeconds }
  return null
}

/** Throws a `TypeError` for a tolerance that cannot be meant. */
export function checkedTolerance(provider: string, tolerance: Tolerance): Tolerance {
  if (tolerance === 'any-age' || (Number.isSafeInteger(tolerance) && tolerance >= 0)) return tolerance
  throw new TypeError(`${provider}(): toleranceSeconds takes whole seconds from 0, or 'any-age'`)
}
