import { Hono } from 'hono'
import { applyCors } from '../http/cors.js'
import { requestProtocol } from '../http/protocol.js'
import { requestIdOf } from '../http/request-id.js'
import { answerRequest, type Served } from './answer-request.js'
import { completeResponse } from './complete-response.js'
import { liveness, readiness } from './health.js'
import { Lifecycle } from './lifecycle.js'
import { allowedMethods, methodsOf, type RouteModule } from './methods.js'
import { routeTable } from './route-table.js'
import { toPattern, toSegments } from './segments.js'
import { refuseUnguarded } from './refuse-unguarded.js'
import type { ServedBackend } from './served-backend.js'
import { wholeNumber } from '../whole-number.js'

/** A route of the server: its path in folder names, and what its file exports. */
export interface ServedRoute {
  /** In folder names, as `findRoutes` gives it: `/api/invoices/[id]`. */
  readonly path: string
  readonly module: RouteModule
  /** For the sentences that refuse it. */
  readonly file?: string
}

/** What a server is made of: a backend, and its routes. */
export interface AppOptions {
  readonly backend: ServedBackend
  readonly routes: readonly ServedRoute[]
  /** How many proxies stand in front and may be believed about protocol and request id. Default: what the backend was told, else 0. */
  readonly trustProxy?: number
}

/**
 * Builds the server's hono app without a socket: `app.fetch(request)` answers as `serve()` would. It opens nothing.
 * Throws `StartRefused` where two routes collide and where a handler is not guarded.
 *
 * @example
 * const app = createApp({ backend, routes })
 * const response = await app.fetch(new Request('http://localhost/api/invoices'))
 */
export function createApp(options: AppOptions, lifecycle: Lifecycle = new Lifecycle()): Hono {
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
    if (cors !== null) applyCors(answer.headers, request, cors)
    return answer
  }

  const app = new Hono()
  app.get('/healthz', (c) => complete(c.req.raw, liveness()))
  app.get('/readyz', async (c) => complete(c.req.raw, await ready()))
  app.all('*', async (c) => {
    const request = c.req.raw
    requestIdOf(request, { trustProxy })
    return complete(request, await lifecycle.track(answerRequest(request, table, backend.events, trustProxy, cors)))
  })
  return app
}

/** Said for this server, else for the backend, else none. Throws where it is no number of proxies: `true` is none. */
export function trustedProxies({ trustProxy, backend }: Pick<AppOptions, 'trustProxy' | 'backend'>): number {
  return wholeNumber('trustProxy', trustProxy ?? backend.trustProxy ?? 0, 0)
}
