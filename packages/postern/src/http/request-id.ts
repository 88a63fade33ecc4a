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
  const id = forwardedId(request, options.trustProxy ?? 0) ?? randomUUID()
  ;(request as MarkedRequest)[REQUEST_ID] = id
  return id
}

// On the request itself and under a global symbol: a bundle may hold two copies of this module, and a WeakMap in each
// would give one request two ids.
const REQUEST_ID = Symbol.for('postern.request-id')

type MarkedRequest = Request & { [REQUEST_ID]?: string }

const HARMLESS_ID = /^[A-Za-z0-9_-]{8,64}$/

function forwardedId(request: Request, trustProxy: number): string | undefined {
  if (trustProxy <= 0) return undefined
  const sent = request.headers.get('x-request-id')
  return sent !== null && HARMLESS_ID.test(sent) ? sent : undefined
}
