import { createHash } from 'node:crypto'
import type { Call, Outcome } from '../call.js'
import { claim, claimed, type ReplyKey, store, type StoredReply } from '../database/idempotent-replies.js'
import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import type { Unit } from '../database/unit.js'
import type { IdempotencyKey } from '../http/idempotency-key.js'
import { problem } from '../problems.js'
import { responseOf } from './respond.js'

/**
 * Runs `work` once for a key, and answers a repetition with what was answered then. Claim, effect and reply are one
 * transaction, so a reply is stored if and only if the effect is; what throws stores nothing, and may be tried again.
 * It takes two round trips beside those of the work: the claim begins the transaction, and the reply goes with COMMIT.
 * Throws the problems `in-progress` and `key-reused`.
 */
export async function runOnce(
  call: Call,
  { unit, idempotency }: { readonly unit: Unit; readonly idempotency: IdempotencyKey },
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  const key = replyKey(call, idempotency)
  const results = await unit.runAll(SERVICE, claim(key)).catch((error: unknown) => {
    throw orMissingTables(error)
  })
  const found = claimed(results, key)
  if (found.state === 'busy') throw problem('in-progress', undefined, { headers: { 'retry-after': '1' } })
  if (found.state === 'other') throw problem('key-reused')
  if (found.state === 'answered') return { kind: 'response', response: replayed(found.reply) }
  // What every answer carries is not kept, and is completed where the answer leaves.
  const response = responseOf(await work(), call.plan, { ...call, trustProxy: 0 })
  const reply = { status: response.status, headers: keptHeaders(response.headers), body: await bytesOf(response) }
  const { keepHours } = call.plan.idempotent!
  await unit.commit({ identity: SERVICE, statements: store(key, reply, keepHours) })
  return { kind: 'response', response: new Response(asBody(reply.body), response) }
}

/**
 * **Security:** the principal is part of the scope, so nobody is answered what another was, whatever key they guess. What
 * else decides the effect is compared: the organization, and the version that the caller believes to change.
 */
function replyKey({ request, principal, identity }: Call, { key, body }: IdempotencyKey): ReplyKey {
  if (principal === null) throw new TypeError('A reply is kept for a principal, and nobody is signed in')
  const { pathname, search } = new URL(request.url)
  const { method, headers } = request
  return {
    principalId: principal.id,
    scope: digest([principal.id, method, pathname, key]),
    request: digest([search, body, identity.organization ?? '', headers.get('if-match') ?? '']),
  }
}

/** Each part with its length before it: without, `a` + `bc` would be `ab` + `c`. */
function digest(parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest()
}

/** What is said of the body and of what was made. Not cookies: a session must not lie in a table to be handed out again. */
const KEPT = [
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'location',
  'etag',
  'last-modified',
  'link',
]

function keptHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(KEPT.flatMap((name) => (headers.has(name) ? [[name, headers.get(name)!]] : [])))
}

/** What a reply may hold, in bytes: each is a value in a row, kept for a day. */
const MOST_BYTES = 1_000_000

/** Read to its end before COMMIT: a body that breaks off half-way is no reply, and its effect is undone. */
async function bytesOf(response: Response): Promise<Buffer | null> {
  if (response.body === null) return null
  const bytes = Buffer.from(await response.arrayBuffer())
  if (bytes.length <= MOST_BYTES) return bytes
  throw new Error(`What an idempotent endpoint answers is at most ${MOST_BYTES} bytes, and this has ${bytes.length}`)
}

function replayed({ status, headers, body }: StoredReply): Response {
  return new Response(asBody(body), { status, headers: { ...headers, 'idempotency-replayed': 'true' } })
}

function asBody(bytes: Buffer | null): Uint8Array<ArrayBuffer> | null {
  return bytes === null ? null : new Uint8Array(bytes)
}
