import { Hono } from 'hono'
import type { AppOptions } from './app-options.js'
import { Lifecycle } from './lifecycle.js'
import { requestHandler } from './request-handler.js'

/**
 * Builds the server's hono app without a socket: `app.fetch(request)` answers as `serve()` would. It opens nothing.
 * Throws `StartRefused` where two routes collide and where a handler is not guarded.
 *
 * @example
 * const app = createApp({ backend, routes })
 * const response = await app.fetch(new Request('http://localhost/api/invoices'))
 */
export function createApp(options: AppOptions, lifecycle: Lifecycle = new Lifecycle()): Hono {
  const handle = requestHandler(options, lifecycle)
  return new Hono().all('*', (c) => handle(c.req.raw))
}
