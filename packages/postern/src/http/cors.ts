import { addToList } from './add-to-list.js'
import { toOrigin } from './origin.js'

/** Which pages of other origins may read what this backend answers. */
export interface CorsOptions {
  /**
   * Exact origins, `https://app.example`; or `'*'` for any page, which then gets no credentials.
   *
   * **Security:** whoever can put a script on one of these origins acts as its users do. There are no patterns, because one
   * that fits `https://app.example.evil.net` is the classic hole, and `null` is never one: it is what every sandboxed frame says.
   */
  readonly origins: readonly string[] | '*'
  /**
   * Whether pages there may send the user's cookies and read the answer. Default false.
   *
   * **Security:** such an origin may write with cookies too, as if it stood in `origins` of `createBackend`: a page that may
   * read everything as the user gains nothing more by writing, and could not write at all otherwise. Without `credentials`
   * a listed origin gets no closer to cookies than any other.
   */
  readonly credentials?: boolean
  /** How long a browser may remember the answer to a preflight, in seconds: 0 to 86,400. Default 600. */
  readonly maxAge?: number
  /** Request headers that pages may set, beside those that this backend reads itself. */
  readonly headers?: readonly string[]
  /** What `backend.preflight` offers, where the host does not know the methods of a path. Default: all that an endpoint can be. */
  readonly methods?: readonly string[]
}

/** `CorsOptions`, read and checked. Made by `corsPolicy()`. */
export interface CorsPolicy {
  readonly origins: ReadonlySet<string> | '*'
  readonly credentials: boolean
  readonly maxAge: string
  readonly headers: string
  readonly methods: readonly string[]
}

/** Reads the options. Throws a `TypeError` whose sentence says what is wrong and what to write. */
export function corsPolicy({ origins, credentials, maxAge = 600, headers = [], methods }: CorsOptions): CorsPolicy {
  const isAny = origins === '*' || (origins.length === 1 && origins[0] === '*')
  // Fetch refuses the pair as well, but by an error in the console of a user's browser.
  if (isAny && credentials === true) {
    throw new TypeError("cors: origins '*' goes without credentials: list the origins that may act as your users")
  }
  if (!Number.isInteger(maxAge) || maxAge < 0 || maxAge > 86_400) {
    throw new TypeError('cors: maxAge is a whole number of seconds, from 0 to 86400')
  }
  return {
    origins: isAny ? '*' : new Set((origins as readonly string[]).map(toListedOrigin)),
    credentials: credentials === true,
    maxAge: String(maxAge),
    headers: [...new Set([...READ_BY_ENDPOINTS, ...headers.map(toHeaderName)])].join(', '),
    methods: methods === undefined ? ANY_METHOD : methods.map(toMethod),
  }
}

/** Origins that may write with cookies because of it. */
export function originsWithCookies(policy: CorsPolicy | null): readonly string[] {
  return policy === null || policy.origins === '*' || !policy.credentials ? [] : [...policy.origins]
}

/**
 * Says on an answer which origin may read it. Doing it twice changes nothing, so an endpoint and the server around it may both.
 *
 * **Security:** the origin is compared with a list and never reflected. `Vary` stands on every answer, also on those that
 * allow nothing: a cache that kept one of them would refuse, or allow, whoever asks next.
 *
 * Source: Fetch §3.3 (CORS protocol); RFC 9110 §12.5.5 (Vary).
 */
export function applyCors(headers: Headers, origin: string | null, policy: CorsPolicy): void {
  if (policy.origins !== '*') addToList(headers, 'vary', 'origin')
  const allowed = allowedOrigin(origin, policy)
  if (allowed === null) return
  headers.set('access-control-allow-origin', allowed)
  if (policy.credentials) headers.set('access-control-allow-credentials', 'true')
  const exposed = headers.get('access-control-expose-headers')
  // What a handler exposes on purpose stays; doing this twice must not list everything twice.
  if (exposed === null) headers.set('access-control-expose-headers', EXPOSED)
  else if (!exposed.endsWith(EXPOSED)) headers.append('access-control-expose-headers', EXPOSED)
}

/**
 * What a preflight is told beside `applyCors()`; `null` where the request is none (Fetch §4.8), or comes from an origin that
 * is not allowed. Nothing that it asks is repeated, so nothing of it is in `Vary`.
 *
 * **Security:** `Access-Control-Allow-Private-Network` is never granted: a page from outside has no business with a server
 * inside a private network.
 */
export function preflightHeaders(
  request: Request,
  policy: CorsPolicy | null | undefined,
  methods: string,
): Readonly<Record<string, string>> | null {
  if (request.method !== 'OPTIONS' || policy == null) return null
  const { headers } = request
  if (!headers.has('origin') || !headers.has('access-control-request-method')) return null
  if (allowedOrigin(headers.get('origin'), policy) === null) return null
  return {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': policy.headers,
    'access-control-max-age': policy.maxAge,
  }
}

function allowedOrigin(origin: string | null, { origins }: CorsPolicy): string | null {
  if (origins === '*') return '*'
  return origin !== null && origins.has(origin) ? origin : null
}

/** What a path may offer, where nobody knows what it does. */
export const ANY_METHOD: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const READ_BY_ENDPOINTS = [
  'content-type',
  'authorization',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'x-organization-id',
]

/** What a client needs of an answer beyond the few headers that a page may read anyway (Fetch: safelisted response headers). */
const EXPOSED =
  'x-request-id, location, etag, link, retry-after, idempotency-replayed, ratelimit, ratelimit-policy, ratelimit-limit, ratelimit-remaining, ratelimit-reset'

function toListedOrigin(text: string): string {
  if (text === '*') throw new TypeError("cors: origins is '*' alone, or a list of exact origins")
  if (text === 'null')
    throw new TypeError('cors: "null" is no origin of yours: any sandboxed frame and any file says it')
  return toOrigin(text)
}

/** RFC 9110 §5.6.2. `*` is a token too, and would mean every header but `authorization`. */
function toHeaderName(text: string): string {
  if (/^[!#$%&'+\-.^_`|~\w]+$/.test(text)) return text.toLowerCase()
  throw new TypeError(`cors: "${text}" is no name of a header`)
}

function toMethod(text: string): string {
  if (ANY_METHOD.includes(text)) return text
  throw new TypeError(`cors: methods are ${ANY_METHOD.join(', ')}`)
}
