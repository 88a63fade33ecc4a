import { requestProtocol } from './protocol.js'

/** What a trace wants to know of a request beside its method and path. */
export interface Arrival {
  /** The protocol that the client spoke, as far as proxies are believed. */
  readonly scheme: 'http' | 'https'
  /** The pattern that the path fits, `/api/invoices/:id`; `null` under a host that does not tell. */
  readonly route: string | null
  /** The header of W3C Trace Context §3.2, where its form is right; it is the client's word, and nothing rests on it. */
  readonly traceparent: string | null
}

export function arrivalOf(request: Request, trustProxy: number): Arrival {
  const sent = request.headers.get('traceparent')
  return {
    scheme: requestProtocol(request, trustProxy),
    route: (request as RoutedRequest)[ROUTE] ?? null,
    traceparent: sent !== null && TRACEPARENT.test(sent) ? sent : null,
  }
}

/** Says which route answers a request. On the request itself, because a handler's shape is the host's and has no room for it. */
export function nameRoute(request: Request, pattern: string): void {
  ;(request as RoutedRequest)[ROUTE] = pattern
}

// Under a global symbol: a bundle may hold two copies of this module, and the server names what an endpoint tells.
const ROUTE = Symbol.for('postern.route')

type RoutedRequest = Request & { [ROUTE]?: string }

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/
