/**
 * A number that somebody said, as it is. Throws a `TypeError` where it is none that can be meant.
 *
 * **Security:** `Number(process.env.MAX_BODY)` is NaN where the variable is missing, and nothing is larger than NaN: a limit
 * that is none would hold nothing back, without a word.
 */
export function wholeNumber(name: string, value: number, least = 1, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  const range = least === 1 ? 'above zero' : `from ${least}`
  throw new TypeError(`${name} takes a whole number ${range}${most < Number.MAX_SAFE_INTEGER ? `, up to ${most}` : ''}`)
}

/** What a timer of Node's can hold, 24 days: beyond it the time would be up after 1 ms. */
export const LONGEST_MS = 2_147_483_647
