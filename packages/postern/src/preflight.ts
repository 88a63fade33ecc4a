import { ENDPOINT_FACTS, type Handler, type HandlerFunction } from './handler.js'
import { ANY_METHOD, applyCors, preflightHeaders } from './http/cors.js'
import { requestProtocol } from './http/protocol.js'
import { requestIdOf } from './http/request-id.js'
import { applySecurityHeaders } from './http/security-headers.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'

/**
 * Answers OPTIONS where the host has no answer of its own, as Next.js without CORS has. It runs nothing and asks nobody who
 * is calling: a preflight carries no credentials (Fetch §4.8).
 */
export function preflightOf(options: EndpointOptions): Handler {
  const { cors, trustProxy } = options
  const methods = (cors?.methods ?? ANY_METHOD).join(', ')
  const allow = `${methods}, OPTIONS`
  const handler: HandlerFunction = async (request) => {
    const headers = { allow, ...preflightHeaders(request, cors, methods) }
    const response = new Response(null, { status: 204, headers })
    response.headers.set('x-request-id', requestIdOf(request, { trustProxy }))
    applySecurityHeaders(response.headers, { secure: requestProtocol(request, trustProxy) === 'https' })
    if (cors !== null) applyCors(response.headers, request.headers.get('origin'), cors)
    return response
  }
  const facts = { kind: 'preflight', auth: 'public', publicReason: 'tells browsers which origins may call (CORS)' }
  Object.defineProperty(handler, ENDPOINT_FACTS, { value: facts })
  return Object.defineProperty(handler, RUNTIME, { value: options })
}
