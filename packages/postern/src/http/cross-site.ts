import { problem } from '../problems.js'
import { requestProtocol } from './protocol.js'

interface CrossSiteOptions {
  readonly origins: readonly string[]
  readonly trustProxy: number
}

/**
 * Refuses a write that another site made the browser send with the user's cookies (CSRF).
 *
 * **Security:** browsers attach cookies by themselves, so a cookie proves who the user is and not that they meant it.
 * `Sec-Fetch-Site` says where a request comes from and no page can forge it; browsers without it send `Origin` with every
 * write. A client that sends neither is no browser, and nobody's cookies ride along with it. A bearer token is never
 * attached by itself: a page of another site that sets it needs a CORS preflight, and gets none. The password of a Basic
 * dialogue (a preview behind a proxy) is: it says no more than a cookie does.
 * `same-site` is not enough: a sibling subdomain may be somebody else's. Throws the problem `cross-site`.
 *
 * Source: W3C Fetch Metadata; OWASP Cross-Site Request Forgery Prevention.
 */
export function refuseCrossSite(request: Request, options: CrossSiteOptions): void {
  if (isSafeMethod(request.method)) return
  const { headers } = request
  if (!isSentUnasked(headers)) return
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return
  if (site === null && origin === null) return
  if (origin !== null && isAllowedOrigin(origin, request, options)) return
  throw problem('cross-site')
}

/**
 * Refuses what no page of our own has provably sent: what calls an action is always one, signed in or not.
 *
 * **Security:** stricter than `refuseCrossSite`, because there is no client here that is no browser. Browsers send `Origin`
 * with every POST and with no navigation, so what comes without it is no call of an action: a page that is merely looked at can't
 * run one. Somebody who is not signed in is guarded too: to be signed in as another is an attack as well (login CSRF).
 * Throws the problem `cross-site`.
 */
export function refuseUnprovenSite(request: Request, options: CrossSiteOptions): void {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if (origin !== null && (site === 'same-origin' || isAllowedOrigin(origin, request, options))) return
  throw problem('cross-site')
}

/** Whether what proves who calls is something that a browser attaches by itself. */
function isSentUnasked(headers: Headers): boolean {
  const authorization = headers.get('authorization')
  if (authorization === null) return headers.has('cookie')
  return /^(basic|digest|negotiate|ntlm)\b/i.test(authorization)
}

/** RFC 9110 §9.2.1: methods that only read. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** The request's own origin counts as the client sees it: TLS ends at the balancer, and the own URL says `http` there. */
function isAllowedOrigin(origin: string, request: Request, { origins, trustProxy }: CrossSiteOptions): boolean {
  if (origins.includes(origin)) return true
  const own = `${requestProtocol(request, trustProxy)}://${new URL(request.url).host}`
  return origin === own
}
