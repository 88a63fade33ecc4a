import { bind, prepared } from './paved/prepared.js'
import type { Statement } from './statement.js'

/**
 * Takes one attempt of a key, and forgets a few keys that have all of theirs again: what is forgotten is the same as what
 * was never there. Answers whether one was left, and how many microseconds ahead the key is now.
 */
export function takeOne(
  key: string,
  { interval, span }: { readonly interval: number; readonly span: number },
): Statement[] {
  return [bind(TAKE, [Buffer.from(key, 'base64url'), interval, span - 2 * interval]), bind(PRUNE, [])]
}

const NOW = '(extract(epoch from clock_timestamp()) * 1000000)::bigint'
/** What is proposed is one interval ahead of now, so a row passes where it is no further ahead than `span` less one interval. */
const FITS = 'kept.full_at <= excluded.full_at + $3::bigint'

/** One statement, which locks the key's row: of two that come at the same moment the second sees what the first took. */
const TAKE = prepared(
  `insert into postern.rate_limits as kept (key, full_at, passed) values ($1, ${NOW} + $2::bigint, true)
     on conflict (key) do update set passed = ${FITS},
       full_at = case when ${FITS} then greatest(kept.full_at + $2::bigint, excluded.full_at) else kept.full_at end
     returning passed, full_at - ${NOW}`,
)

/** Those that another request holds are left to it: nothing waits here, so nothing can wait in a ring. */
const PRUNE = prepared(
  `delete from postern.rate_limits where key = any(array(
     select key from postern.rate_limits where full_at < ${NOW} order by full_at limit 3 for update skip locked))`,
)
