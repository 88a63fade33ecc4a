import { createHash } from 'node:crypto'
import type { Call } from '../call.js'
import { clientOf } from '../http/client-of.js'
import type { Principal } from '../principal.js'
import { problem } from '../problems.js'
import { limitedName } from '../rate-limit/limited-name.js'
import type { RateLimitPlan } from '../rate-limit/rate-limit-slot.js'

/** What is known of a request when its limit is asked. */
interface Limited {
  readonly request: Request
  readonly params: Call['params']
  readonly principal: Principal | null
  readonly deadline: Call['deadline']
  readonly trustProxy: number
}

/**
 * Between stages 1 and 2: whether this caller may ask once more. Answers the fields that every answer carries. Throws
 * the problem `rate-limited`, and what the store throws: a limit that can't be counted lets nobody through.
 *
 * Source: draft-ietf-httpapi-ratelimit-headers; RFC 6585 §4 (429).
 */
export async function limitRate(plan: RateLimitPlan, asked: Limited): Promise<[string, string][]> {
  const { rate, store } = plan
  const taken = await store.take(keyOf(plan, asked), rate, { signal: asked.deadline.signal })
  const fields: [string, string][] = [
    ['ratelimit-policy', `"default";q=${rate.limit};w=${rate.seconds}`],
    ['ratelimit', `"default";r=${taken.remaining};t=${wholeSeconds(taken.resetMs)}`],
  ]
  if (taken.passed) return fields
  const retry = String(Math.max(1, wholeSeconds(taken.retryMs)))
  throw problem('rate-limited', undefined, { headers: { ...Object.fromEntries(fields), 'retry-after': retry } })
}

/** Of one length, whatever a client or a function of one's own makes of it: what is kept of a key is bounded. */
function keyOf(plan: RateLimitPlan, asked: Limited): string {
  const parts = [plan.name ?? limitedName(asked.request, asked.params), plan.rate, whose(plan, asked)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** Each kind by its name, so that nobody can call themselves like another's address. */
function whose({ key }: RateLimitPlan, { request, principal, trustProxy }: Limited): readonly (string | null)[] {
  if (key !== null) {
    const own: unknown = key({ principal, request })
    if (typeof own === 'string') return ['key', own]
    throw new TypeError('rateLimit.key has to answer a text: who shares a limit')
  }
  return principal === null ? ['client', clientOf(request, trustProxy)] : ['principal', principal.id]
}

/** RFC 9110 §10.2.3: whole seconds. Rounded up, so that whoever waits that long finds one. */
function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1e3)
}
