import type { Authenticate, Principal } from '../principal.js'
import { isProblem } from '../problems.js'
import { frozen, isBindable } from './claims.js'
import { TokenCache } from './token-cache.js'

/** Longest cookies that are remembered, in characters: a thousand of them stay under 16 MB. */
const LONGEST = 8192

interface SessionUser {
  readonly id: string
  readonly email?: string | null | undefined
}

/** What `sessions()` needs of a better-auth instance, by its shape: this package never imports better-auth. */
export interface SessionSource<User extends SessionUser> {
  readonly api: {
    getSession(input: { headers: Headers; returnHeaders: true }): Promise<{
      readonly headers?: Headers | null | undefined
      readonly response: {
        readonly user: SessionUser
        readonly session: { readonly id: string; readonly expiresAt: Date }
      } | null
    }>
  }
  /** Types alone: where better-auth says which fields its user has. */
  readonly $Infer?: { readonly Session: { readonly user: User } }
}

/** What `sessions()` takes. */
export interface SessionsOptions<User> {
  /** The roles of a user. Default: the user's `role`, comma separated, as better-auth's admin plugin keeps it. */
  readonly roles?: (user: User) => readonly string[]
  /**
   * For how many seconds an answer is remembered in this process, by the cookies that it was given for. Default 0: not at all.
   * better-auth takes about half a millisecond to read its own cookie cache; what is remembered takes microseconds.
   *
   * **Security:** a revoked session is believed for these seconds more.
   */
  readonly rememberSeconds?: number
  /** The clock, in milliseconds since 1970. */
  readonly now?: () => number
}

/** Tells who is calling by a session, and which cookies better-auth wants to see renewed in the answer. */
export interface SessionAuthenticate extends Authenticate {
  /** The `set-cookie` lines that the response to this request must carry: a session prolonged, a stale one removed. */
  setCookies(request: Request): readonly string[]
}

/**
 * Authenticates by better-auth's session cookie (or its bearer plugin). It reads headers only. No session, an expired or a
 * tampered one is nobody. Throws what kept it from looking: the database's own error.
 *
 * **Security:** with better-auth's cookie cache on, a session that was revoked is believed for up to `cookieCache.maxAge` seconds.
 *
 * @example
 * export const backend = createBackend({ database: db, auth: sessions(auth) })
 */
export function sessions<User extends SessionUser>(
  auth: SessionSource<User>,
  { roles = rolesOf, rememberSeconds = 0, now = () => Date.now() }: SessionsOptions<User> = {},
): SessionAuthenticate {
  const renewed = new WeakMap<Request, readonly string[]>()
  const remembered = new TokenCache(rememberSeconds > 0 ? 1000 : 0)

  const authenticate = async (request: Request): Promise<Principal | null> => {
    // Nothing to look up, and better-auth would take its time to say so.
    if (!request.headers.has('cookie') && !request.headers.has('authorization')) return null
    const sent = `${request.headers.get('cookie')}\n${request.headers.get('authorization')}`
    const known = remembered.find(sent, now())
    if (known !== undefined) return known
    const answer = await session(auth, request.headers)
    if (answer === null) return null
    const cookies = answer.headers?.getSetCookie() ?? []
    if (cookies.length > 0) renewed.set(request, cookies)
    if (answer.response === null) return null
    const {
      user,
      session: { id, expiresAt },
    } = answer.response
    const email = user.email ? { email: user.email } : {}
    const principal = {
      id: String(user.id),
      roles: roles(user as User),
      claims: { sub: String(user.id), ...email, session_id: id },
    }
    if (!isBindable(principal)) return null
    // Never where cookies are renewed: the next request brings others, and these would not be renewed again.
    if (cookies.length === 0 && sent.length <= LONGEST) {
      const expires = Math.min(now() + rememberSeconds * 1000, new Date(expiresAt).getTime())
      remembered.keep(sent, { principal: frozen(principal), notBefore: 0, expires })
    }
    return principal
  }

  return Object.assign(authenticate, { setCookies: (request: Request) => renewed.get(request) ?? [] })
}

async function session(auth: SessionSource<SessionUser>, headers: Headers) {
  try {
    return await auth.api.getSession({ headers, returnHeaders: true })
  } catch (error) {
    // better-auth says 4xx for a session that ended under its hands, 500 for a database it could not ask.
    if (statusOf(error) < 500) return null
    throw whatFailed(error)
  }
}

/** better-auth and Drizzle each wrap what they were told: a busy database must reach the client as `unavailable`. */
function whatFailed(error: unknown): unknown {
  const causes = [error]
  for (let next = error; next instanceof Error && next.cause !== undefined && causes.length < 8; next = next.cause) {
    causes.push(next.cause)
  }
  return causes.find(isProblem) ?? causes[1] ?? error
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
}

function rolesOf(user: SessionUser): readonly string[] {
  const role = 'role' in user ? user.role : undefined
  if (typeof role !== 'string') return []
  return role
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}
