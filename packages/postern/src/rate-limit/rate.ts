/** How often something may be done: `limit` times in `seconds`, which may come at once and are given back one by one. */
export interface Rate {
  readonly limit: number
  readonly seconds: number
}

/** What a store says of one attempt. */
export interface Taken {
  /** Whether there was one left, and is not any more. */
  readonly passed: boolean
  /** How many are left. */
  readonly remaining: number
  /** How long until all are there again, in milliseconds. */
  readonly resetMs: number
  /** How long until there is one again, in milliseconds; 0 where one is. */
  readonly retryMs: number
}

/**
 * Where a limit is counted. `memoryStore()` and `postgresStore()` are two; another is an object with this method. It takes
 * one of the key's and says what is left, in one step: two that ask at the same moment must not both get the last one.
 * What it throws refuses the request: a limit that can't be counted lets nobody through.
 */
export interface RateLimitStore {
  take(key: string, rate: Rate, options: { readonly signal: AbortSignal }): Taken | Promise<Taken>
}

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A) in whole microseconds, so that every store comes to the same: a key
 * is one number, the moment at which all of its attempts are there again. Each attempt puts it off by `interval`, and
 * is refused where that would be more than `span` ahead.
 */
export interface Pace {
  readonly interval: number
  readonly span: number
}

/** Rounded up, so that never more than `limit` pass; so `span` may be up to one percent longer than the period. */
export function paceOf({ limit, seconds }: Rate): Pace {
  const interval = Math.ceil((seconds * 1e6) / limit)
  return { interval, span: interval * limit }
}

/** @param ahead how many microseconds lie between now and the moment at which all are there again */
export function takenOf(passed: boolean, ahead: number, { interval, span }: Pace): Taken {
  const left = Math.max(0, span - ahead)
  return {
    passed,
    remaining: Math.floor(left / interval),
    resetMs: Math.max(0, ahead) / 1e3,
    retryMs: left >= interval ? 0 : (interval - left) / 1e3,
  }
}
