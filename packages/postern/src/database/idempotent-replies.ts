import { bind, prepared } from './paved/prepared.js'
import type { Statement, StatementResult } from './statement.js'

/** What was answered once, to be answered again. */
export interface StoredReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `null` is no body, which is not an empty one. */
  readonly body: Buffer | null
}

/** Whose request it is, and which: 32 bytes each. */
export interface ReplyKey {
  /** Of the principal, the method, the path and the key. */
  readonly scope: Buffer
  /** Of all that decides what the request does. */
  readonly request: Buffer
  readonly principalId: string
}

/** What the database says of a key: `new` is this request's until its transaction ends. */
export type Claim =
  { readonly state: 'new' | 'busy' | 'other' } | { readonly state: 'answered'; readonly reply: StoredReply }

/**
 * Claims a key, and looks for its reply. Two statements: the second has a snapshot of its own, taken when the lock is held,
 * so that it sees what the lock's last holder has committed. In one statement it would see the past, and run again.
 */
export function claim({ scope, principalId }: ReplyKey): Statement[] {
  // Another key with the same 64 bits makes this one wait, and nothing worse: what is stored is found by all 256.
  return [bind(LOCK, [String(scope.readBigInt64BE(0))]), bind(FIND, [scope, principalId])]
}

const LOCK = prepared('select pg_try_advisory_xact_lock($1::bigint)')
const FIND = prepared(
  `select encode(request, 'hex'), status, headers, encode(body, 'hex') from postern.idempotent_replies
     where scope = $1 and principal_id = $2 and expires_at > now()`,
)

/** What `claim()` came to. */
export function claimed([lock, found]: readonly StatementResult[], { request }: ReplyKey): Claim {
  const row = found?.rows[0]
  if (row === undefined) return { state: lock?.rows[0]?.[0] === 't' ? 'new' : 'busy' }
  const [asked, status, headers, body] = row
  // A reply that is there is final, whoever holds the lock: this may be a third request that replays it.
  if (asked !== request.toString('hex')) return { state: 'other' }
  const reply = {
    status: Number(status),
    headers: JSON.parse(headers ?? '{}') as Record<string, string>,
    body: body == null ? null : Buffer.from(body, 'hex'),
  }
  return { state: 'answered', reply }
}

/**
 * Keeps a reply for `keepHours`, and forgets a few that are past their time: more than one, so that the table shrinks to what
 * is wanted. Fails, and with it the transaction, where the scope has a reply: a plain insert is the second guard behind the lock.
 */
export function store({ scope, request, principalId }: ReplyKey, reply: StoredReply, keepHours: number): Statement[] {
  const { status, headers, body } = reply
  return [
    // First its own, then others without waiting: two that wait for each other's rows would be a deadlock.
    bind(FORGET, [scope]),
    bind(PRUNE, []),
    bind(STORE, [scope, principalId, request, status, JSON.stringify(headers), body, keepHours]),
  ]
}

const FORGET = prepared('delete from postern.idempotent_replies where scope = $1 and expires_at <= now()')
const PRUNE = prepared(
  `delete from postern.idempotent_replies where scope = any(array(
     select scope from postern.idempotent_replies where expires_at <= now() order by expires_at limit 5 for update skip locked))`,
)
const STORE = prepared(
  `insert into postern.idempotent_replies (scope, principal_id, request, status, headers, body, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::float8 * 3600))`,
)
