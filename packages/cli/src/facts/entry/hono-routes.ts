import type { LibraryValue } from '../trace/model.js'
import { HONO_CONTEXT } from '../catalog/hono.js'
import { followChain } from './chain.js'
import { type Dialect, mountedRoutes } from './mounted-routes.js'
import type { Registry } from './registry.js'
import type { EntryPoint } from './entry-point.js'

const DIALECT: Dialect = {
  framework: 'hono',
  /** `*` at the end, and in the middle, is any. */
  isUnder: (path, guard) =>
    guard === '' ||
    guard === '/' ||
    new RegExp(
      `^${guard
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replace(/\/?\*/g, '(?:/.*)?')
        .replace(/:\w+/g, '[^/]+')}$`,
    ).test(path),
  toFollow: (row, spot) => (walker) =>
    followChain(walker, row, [HONO_CONTEXT], spot, ([context], next) => [context!, next]),
}

export function honoRoutes(apps: readonly LibraryValue[], registry: Registry): EntryPoint[] {
  return mountedRoutes(apps, registry, DIALECT)
}
