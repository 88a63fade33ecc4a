import { refuseCrossSite, refuseUnprovenSite } from '../http/cross-site.js'
import type { Plan } from '../plan.js'
import type { Authenticate, Principal } from '../principal.js'
import { problem } from '../problems.js'

/** What the first stage needs to know of its surroundings. */
interface AuthenticateOptions {
  readonly authenticate: Authenticate
  /** Origins besides the request's own from which a browser may write. */
  readonly origins: readonly string[]
  readonly trustProxy: number
}

/**
 * Stage 1: who is calling, and whether such a caller may. It is the default: only `public` lets nobody in.
 * Throws the problems `unauthenticated`, `forbidden` and `cross-site`.
 */
export async function authenticate(
  request: Request,
  plan: Plan,
  options: AuthenticateOptions,
): Promise<Principal | null> {
  // Whatever the framework has looked at: an action is called by pages of our own and by nobody else.
  if (plan.kind === 'action') refuseUnprovenSite(request, options)
  const principal = await options.authenticate(request)
  if (principal === null) {
    if (plan.publicReason !== null) return null
    // RFC 9110 §15.5.2: a 401 must say how one could authenticate.
    throw problem('unauthenticated', undefined, { headers: { 'www-authenticate': 'Bearer' } })
  }
  if (principal.id === '')
    throw new TypeError('An adapter answered a principal with an empty id: it would own the rows of nobody')
  refuseCrossSite(request, options)
  if (plan.auth !== null && !isAllowed(principal, plan.auth)) throw problem('forbidden')
  return principal
}

function isAllowed(principal: Principal, auth: NonNullable<Plan['auth']>): boolean {
  if ('role' in auth) return principal.roles.includes(auth.role)
  return scopesOf(principal.claims).includes(auth.scope)
}

/** RFC 8693 §4.2: `scope` is one text with spaces between; Microsoft and Okta say `scp`, Okta as a list. */
function scopesOf(claims: Principal['claims']): readonly unknown[] {
  const scopes = claims.scope ?? claims.scp
  return typeof scopes === 'string' ? scopes.split(' ') : Array.isArray(scopes) ? scopes : []
}
