import { randomUUID } from 'node:crypto'

/**
 * The id that a request's answer, its log lines and its problem document share. The same `Request` object has the same
 * id wherever it is asked, and whoever asks first decides it.
 *
 * **Security:** an incoming `x-request-id` is text from the client: taken as it is, it would let anyone forge log
 * fields or borrow another request's id. It counts only behind a trusted proxy, and only in a narrow alphabet.
 *
 * @example
 * const requestId = requestIdOf(request, { trustProxy: 1 })
 */
export function requestIdOf(request: Request, options: { readonly trustProxy?: number | undefined } = {}): string {
  const known = (request as MarkedRequest)[REQUEST_ID]
  if (known !== undefined) return known
  const trustProxy = options.trustProxy ?? 0
  const id = trustProxy > 0 ? newRequestId(request.headers.get('x-request-id'), trustProxy) : randomUUID()
  ;(request as MarkedRequest)[REQUEST_ID] = id
  return id
}

// On the request itself and under a global symbol: a bundle may hold two copies of this module, and a WeakMap in each
// would give one request two ids.
const REQUEST_ID = Symbol.for('postern.request-id')

type MarkedRequest = Request & { [REQUEST_ID]?: string }

const HARMLESS_ID = /^[A-Za-z0-9_-]{8,64}$/

/**
 * The id of a request that never becomes a `Request`, from what was sent as `x-request-id`.
 *
 * @example
 * const requestId = newRequestId(incoming.headers['x-request-id'], 1)
 */
export function newRequestId(sent: unknown, trustProxy: number): string {
  return trustProxy > 0 && typeof sent === 'string' && HARMLESS_ID.test(sent) ? sent : randomUUID()
}
