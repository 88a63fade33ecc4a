import { paceOf, type RateLimitStore, takenOf } from './rate.js'

interface MemoryStoreOptions {
  /** The most keys that are remembered (default 10,000, at about 150 bytes each). */
  readonly maxKeys?: number
  /** The time in milliseconds, from any beginning (default: the process's own, which no one can set back). */
  readonly clock?: () => number
}

/**
 * Counts in this process: for one process, or for limits that need not be exact over several. Bounded: when it is full it
 * forgets who has not asked for longest, who is likely to have all attempts again. What is forgotten starts anew.
 *
 * @example
 * export const POST = endpoint({ body: SendInput, rateLimit: { limit: 5, per: 'minute', store: memoryStore({ maxKeys: 1_000 }) } }, send)
 */
export function memoryStore({
  maxKeys = 10_000,
  clock = () => performance.now(),
}: MemoryStoreOptions = {}): RateLimitStore {
  if (!Number.isInteger(maxKeys) || maxKeys < 1) throw new TypeError('maxKeys is a whole number above 0')
  /** When all attempts of a key are there again, in microseconds; in the order in which the keys asked last. */
  const fullAt = new Map<string, number>()
  return {
    take(key, rate) {
      const pace = paceOf(rate)
      const now = Math.floor(clock() * 1e3)
      const before = Math.max(fullAt.get(key) ?? now, now)
      const passed = before - now <= pace.span - pace.interval
      const after = passed ? before + pace.interval : before
      fullAt.delete(key)
      if (fullAt.size >= maxKeys) fullAt.delete(fullAt.keys().next().value as string)
      fullAt.set(key, after)
      return takenOf(passed, after - now, pace)
    },
  }
}
