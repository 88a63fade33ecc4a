import type { Principal } from '../principal.js'
import { memoryStore } from './memory-store.js'
import type { Rate, RateLimitStore } from './rate.js'

/** What a limit's own `key` is asked with. */
export interface RateLimitQuestion {
  /** Who is calling; `null` is nobody. */
  readonly principal: Principal | null
  readonly request: Request
}

/** What the slot `rateLimit` takes: `{ limit: 100, per: 'minute' }`. */
export interface RateLimitSlot {
  /** How often, at most 10,000 times a second. That many may come at once; they are given back evenly. */
  readonly limit: number
  /** In which time: a word, or a number of seconds. */
  readonly per: 'second' | 'minute' | 'hour' | 'day' | number
  /** Who shares a limit. Default: each principal has their own, and nobody that of their address. */
  readonly key?: (question: RateLimitQuestion) => string
  /** What is limited. Default: this endpoint, by its method and path. Endpoints of one name share their limits. */
  readonly name?: string
  /** Where it is counted. Default: a `memoryStore()` of this endpoint's own. */
  readonly store?: RateLimitStore
}

/** The slot, read. */
export interface RateLimitPlan {
  readonly rate: Rate
  /** In the words of the slot. */
  readonly said: { readonly limit: number; readonly per: string | number }
  readonly key: ((question: RateLimitQuestion) => string) | null
  readonly name: string | null
  readonly store: RateLimitStore
}

/** Reads the slot. Throws a `TypeError` for what it does not take. */
export function rateLimitOf(value: unknown): RateLimitPlan | null {
  if (value === undefined) return null
  const { limit, per, key, name, store, ...others } = (value ?? {}) as Readonly<Record<string, unknown>>
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw new TypeError(`rateLimit has no "${unknown}"; it has limit, per, key, name, store`)
  if (key !== undefined && typeof key !== 'function')
    throw new TypeError('rateLimit.key is a function that answers a text')
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw new TypeError('rateLimit.name is a text')
  if (store !== undefined && typeof (store as { take?: unknown } | null)?.take !== 'function') {
    throw new TypeError('rateLimit.store is memoryStore(), postgresStore(db), or an object with take()')
  }
  const rate = rateOf(limit, per)
  return {
    rate,
    said: { limit: rate.limit, per: per as string | number },
    key: (key as RateLimitPlan['key'] | undefined) ?? null,
    name: name ?? null,
    store: (store as RateLimitStore | undefined) ?? memoryStore(),
  }
}

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3_600, day: 86_400 }
const MOST_A_SECOND = 10_000
const LONGEST_SECONDS = 31 * 86_400

function rateOf(limit: unknown, per: unknown): Rate {
  const seconds = typeof per === 'string' && Object.hasOwn(SECONDS, per) ? SECONDS[per]! : per
  if (!isWhole(seconds) || seconds > LONGEST_SECONDS) {
    throw new TypeError(
      "rateLimit.per is 'second', 'minute', 'hour', 'day' or a whole number of seconds, at most 31 days",
    )
  }
  if (!isWhole(limit) || limit > MOST_A_SECOND * seconds) {
    throw new TypeError(`rateLimit.limit is a whole number above 0, at most ${MOST_A_SECOND} a second`)
  }
  return { limit, seconds }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
