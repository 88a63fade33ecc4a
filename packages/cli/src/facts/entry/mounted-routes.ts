import type { LibraryValue, Spot, Value } from '../trace/model.js'
import type { EntryPoint } from './entry-point.js'
import type { Registration, Registry } from './registry.js'

/** How frameworks with apps and routers differ. */
export interface Dialect {
  readonly framework: string
  /** Whether what was said for one path stands before another. */
  readonly isUnder: (path: string, guard: string) => boolean
  readonly toFollow: (row: readonly Value[], spot: Spot, registration: Registration) => EntryPoint['follow']
  readonly isPassedOver?: (handler: Value) => boolean
  /** Hooks stand before every route of their app, wherever they were said. */
  readonly hooksComeFirst?: boolean
}

/** Deeper than this nobody mounts; a router that is mounted in itself would go on for ever. */
const DEEPEST = 8

/** More often than this one app mounts nothing: routers that all mount each other would have millions of ways. */
const MOST_MOUNTS = 2_000

const TOO_FAR_IN = `routers that are mounted more than ${DEEPEST} deep are not followed`
const TOO_MANY = `an app mounts more than ${MOST_MOUNTS} routers, and the others are not followed`

/** The routes of apps and routers: where one is mounted in another, its routes stand behind what guards the mount. */
export function mountedRoutes(apps: readonly LibraryValue[], registry: Registry, dialect: Dialect): EntryPoint[] {
  const isRouter = (value: Value): value is LibraryValue => registry.isApp(value)
  const isHook = (one: Registration) => one.method === null && !one.handlers.some(isRouter)
  let mounted = 0
  return registry.rootsOf(apps).flatMap((app) => {
    mounted = 0
    return routesOf(app, prefixOf(app), [], 0)
  })

  function routesOf(app: LibraryValue, prefix: string, around: readonly Registration[], depth: number): EntryPoint[] {
    mounted += 1
    const said = registry.of(app)
    const before = [...around]
    if (dialect.hooksComeFirst === true) before.push(...said.filter(isHook).map((one) => ({ ...one, path: prefix })))
    return said.flatMap((one): EntryPoint[] => {
      const path = joined(prefix, one.path)
      if (one.method !== null) return [entryOf(one, path, before)]
      const routers = one.handlers.filter(isRouter)
      const guards = one.handlers.filter((handler) => !isRouter(handler))
      if (guards.length > 0 && dialect.hooksComeFirst !== true) before.push({ ...one, path, handlers: guards })
      return routers.flatMap((router) => {
        if (depth < DEEPEST && mounted < MOST_MOUNTS)
          return routesOf(router, joined(path, prefixOf(router)), before, depth + 1)
        const { path: file } = one.spot.file
        registry.missed.push({ file, reason: depth < DEEPEST ? TOO_MANY : TOO_FAR_IN })
        return []
      })
    })
  }

  function entryOf(one: Registration, path: string, before: readonly Registration[]): EntryPoint {
    const standing = before.filter((guard) => dialect.isUnder(path, guard.path))
    const row = [...standing, one]
      .flatMap(({ handlers }) => handlers)
      .flatMap((handler) => (handler.kind === 'list' ? handler.items : [handler]))
      .filter((handler) => dialect.isPassedOver?.(handler) !== true)
    const symbol = symbolOf(one)
    const follow = dialect.toFollow(row, one.spot, one)
    return { kind: 'endpoint', framework: dialect.framework, symbol, method: one.method, path, spot: one.spot, follow }
  }
}

/** Hono's `basePath()` makes an app of its own, and Elysia's has its prefix from the beginning. */
export function prefixOf({ path }: LibraryValue): string {
  return path.find(({ name }) => name.startsWith('basePath '))?.name.slice('basePath '.length) ?? ''
}

/** The method and the path, as the router itself was told. */
export function symbolOf({ method, path }: Registration): string {
  return `${method} ${path === '' ? '/' : path}`
}

export function joined(prefix: string, path: string): string {
  const all = `${prefix}/${path}`.replace(/\/+/g, '/').replace(/\/$/, '')
  return all === '' ? '/' : all
}
