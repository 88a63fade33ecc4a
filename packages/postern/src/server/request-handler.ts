import { applyCors } from '../http/cors.js'
import { pathnameOf } from '../http/pathname.js'
import { problemResponse } from '../http/problem-response.js'
import { requestProtocol } from '../http/protocol.js'
import { requestIdOf } from '../http/request-id.js'
import { wholeNumber } from '../whole-number.js'
import { problem } from '../problems.js'
import { answerRequest, type Served } from './answer-request.js'
import { completeResponse } from './complete-response.js'
import type { AppOptions } from './app-options.js'
import { isHealthPath, liveness, readiness } from './health.js'
import type { Lifecycle } from './lifecycle.js'
import { allowedMethods, methodsOf } from './methods.js'
import { refuseUnguarded } from './refuse-unguarded.js'
import { routeTable } from './route-table.js'
import { toPattern, toSegments } from './segments.js'

/** Answers a request whatever comes: it never throws, and the answer has all that every answer has. */
export type RequestHandler = (request: Request) => Promise<Response>

/**
 * The routes of a server and its health behind one function, without a socket. It opens nothing.
 * Throws `StartRefused` where two routes collide and where a handler is not guarded.
 */
export function requestHandler(options: AppOptions, lifecycle: Lifecycle): RequestHandler {
  refuseUnguarded(options.routes)
  const table = routeTable<Served>(
    options.routes.map(({ path, file, module }) => {
      const methods = methodsOf(module)
      return { path, file, methods, allow: allowedMethods(methods), pattern: toPattern(toSegments(path)) }
    }),
  )
  const { backend } = options
  const trustProxy = trustedProxies(options)
  const ready = readiness(backend, lifecycle)
  const cors = backend.cors ?? null

  const complete = (request: Request, response: Response) => {
    const answer = completeResponse(response, {
      requestId: requestIdOf(request, { trustProxy }),
      secure: requestProtocol(request, trustProxy) === 'https',
      closing: lifecycle.phase === 'stopping',
      bodiless: request.method === 'HEAD',
    })
    if (cors !== null) applyCors(answer.headers, request.headers.get('origin'), cors)
    return answer
  }

  return async (request) => {
    requestIdOf(request, { trustProxy })
    const health = healthOf(request)
    if (health !== null) return complete(request, health === '/healthz' ? liveness() : await ready())
    lifecycle.begin()
    try {
      return complete(request, await answerRequest(request, table, backend.events, trustProxy, cors))
    } catch (error) {
      backend.events.emit({ type: 'request.failed', requestId: requestIdOf(request), error })
      return complete(request, problemResponse(problem('internal'), requestIdOf(request)))
    } finally {
      lifecycle.end()
    }
  }
}

/** Said for this server, else for the backend, else none. Throws where it is no number of proxies: `true` is none. */
export function trustedProxies({ trustProxy, backend }: Pick<AppOptions, 'trustProxy' | 'backend'>): number {
  return wholeNumber('trustProxy', trustProxy ?? backend.trustProxy ?? 0, 0)
}

function healthOf({ method, url }: Request): string | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  const path = pathnameOf(url)
  return isHealthPath(path) ? path : null
}
