import { createHmac } from 'node:crypto'

/** Who there is and what they own. Posts are dealt round, so that a user's newest twenty lie on twenty pages of the table. */
export const USERS = 1000
export const POSTS = 100_000

/** The users under load: enough that caches are not unrealistically hot. */
export const CALLERS = Array.from({ length: 50 }, (_, index) => 1 + index * 20)

export const SECRET = 'a secret of the benchmark, and of nothing else'
export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'bench'

/** The id of the nth user, from 1 to `USERS`; their author has the id n. */
export function userId(n: number): string {
  return `user-${n}`
}

/** What better-auth calls the nth user's session. */
export function sessionToken(n: number): string {
  return `session-of-user-${n}`
}

/** The ids of the nth user's posts, oldest first. */
export function postIds(n: number): string[] {
  return Array.from({ length: POSTS / USERS }, (_, index) => String(index * USERS + n))
}

/** A signed token of the nth user (RFC 7519, HS256), good for a day. */
export function tokenOf(n: number, now: number): string {
  const issued = Math.floor(now / 1000)
  const claims = { sub: userId(n), iss: ISSUER, aud: AUDIENCE, iat: issued, exp: issued + 86_400 }
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.')
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

const base64url = (text: string) => Buffer.from(text).toString('base64url')
