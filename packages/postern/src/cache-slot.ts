/** How long an answer may be kept, in seconds. */
export interface CacheSlot {
  /** How long it may be used without asking again. 0 says: keep it, and ask each time whether it has changed. */
  readonly maxAge: number
  /** How much longer it may be used while a new one is being fetched. */
  readonly staleWhileRevalidate?: number
}

/** A year: what is kept longer is kept for ever, and nobody can call it back. */
const LONGEST = 31_536_000

/**
 * Reads the slot `cache` of an endpoint whose second argument is of this kind. Throws a `TypeError` for what is no number of
 * seconds, and where the operation writes.
 */
export function cacheSlotOf(value: unknown, kind: string): CacheSlot | null {
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) throw new TypeError(TAKES)
  const unknown = Object.keys(value).find((name) => name !== 'maxAge' && name !== 'staleWhileRevalidate')
  if (unknown !== undefined) throw new TypeError(`cache has no "${unknown}"; ${TAKES}`)
  const { maxAge, staleWhileRevalidate } = value as Record<string, unknown>
  assertSeconds('maxAge', maxAge)
  if (staleWhileRevalidate !== undefined) assertSeconds('staleWhileRevalidate', staleWhileRevalidate)
  if (kind === 'create' || kind === 'update' || kind === 'remove')
    throw new TypeError(`cache is for what is read, and ${kind}() writes`)
  return value as CacheSlot
}

const TAKES = 'cache takes { maxAge, staleWhileRevalidate }, both in seconds'

function assertSeconds(name: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LONGEST) return
  throw new TypeError(`cache: ${name} is a whole number of seconds, from 0 to ${LONGEST} (a year)`)
}
