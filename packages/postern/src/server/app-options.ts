import type { RouteModule } from './methods.js'
import type { ServedBackend } from './served-backend.js'

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
