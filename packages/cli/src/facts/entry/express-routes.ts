import type { LibraryValue } from '../trace/model.js'
import { EXPRESS_REQUEST, EXPRESS_RESPONSE, takesError } from '../catalog/express.js'
import { followChain } from './chain.js'
import type { EntryPoint } from './entry-point.js'
import { type Dialect, mountedRoutes } from './mounted-routes.js'
import type { Registry } from './registry.js'

const DIALECT: Dialect = {
  framework: 'express',
  isUnder: (path, guard) =>
    guard === '/' || guard === '' || guard === '*' || path === guard || path.startsWith(`${guard}/`),
  toFollow: (row, spot) => (walker) =>
    followChain(walker, row, [EXPRESS_REQUEST, EXPRESS_RESPONSE], spot, ([request, response], next) => [
      request!,
      response!,
      next,
    ]),
  isPassedOver: takesError,
}

/** The routes of Express apps and routers. */
export function expressRoutes(apps: readonly LibraryValue[], registry: Registry): EntryPoint[] {
  return mountedRoutes(apps, registry, DIALECT)
}
