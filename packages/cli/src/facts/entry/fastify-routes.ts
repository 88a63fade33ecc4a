import type { LibraryValue } from '../trace/model.js'
import { EXPRESS_RESPONSE } from '../catalog/express.js'
import { FASTIFY_REQUEST } from '../catalog/fastify.js'
import { propertyOf } from '../catalog/library.js'
import { callValue } from '../trace/call.js'
import { UNKNOWN } from '../trace/value.js'
import type { Modules } from '../trace/modules.js'
import { Walker, type Meanings } from '../trace/walker.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'
import { type Dialect, mountedRoutes } from './mounted-routes.js'
import type { Registry } from './registry.js'

const DIALECT: Dialect = {
  framework: 'fastify',
  hooksComeFirst: true,
  isUnder: () => true,
  // Each waits for the one before it; one that answers or throws ends the row.
  toFollow:
    (row, spot, { options }) =>
    (walker) => {
      const schema = propertyOf(options, 'schema')
      for (const [name, part] of SCHEMAS) if (propertyOf(schema, name) !== undefined) walker.isValidated.add(part)
      for (const handler of row)
        if (walker.state.isReached) callValue(walker, handler, [FASTIFY_REQUEST, EXPRESS_RESPONSE, UNKNOWN], { spot })
    },
}

/** What a route's schema is called for, and the part of the request that it passes. */
const SCHEMAS = [
  ['body', 'body'],
  ['querystring', 'query'],
  ['query', 'query'],
  ['params', 'params'],
  ['headers', 'headers'],
] as const

/** The routes of Fastify apps and plugins. */
export function fastifyRoutes(apps: readonly LibraryValue[], registry: Registry): EntryPoint[] {
  return mountedRoutes(apps, registry, DIALECT)
}

/**
 * Plugins that are found by their folder (`@fastify/autoload`): a file of `routes/` whose default export is a plugin has the path
 * of its folder, and stands behind the `autohooks` of its own folder and of those above.
 */
export function autoloadPlugin(file: string, hooks: readonly string[], modules: Modules, meanings: Meanings): void {
  const match = /^(.*?\/?routes)\/(.*?)([^/]+)\.[cm]?[jt]s$/.exec(file)
  if (match === null || hooks.includes(file)) return
  const scope = modules.scopeOf(file)
  const said = scope === undefined || !/fastify/i.test(scope.file.text) ? undefined : modules.exported(file, 'default')
  if (scope === undefined || said?.kind !== 'function') return
  const spot = declarationOf(scope.file, 'default')
  const root: LibraryValue = {
    kind: 'library',
    package: 'fastify',
    path: [{ name: 'autoload', args: [] }],
    origins: [],
  }
  const directory = `/${match[2]}`.replace(/\/_(\w+)/g, '/:$1')
  for (const hook of hooks.filter((one) => file.startsWith(one.slice(0, one.lastIndexOf('/') + 1)))) {
    const guard = modules.exported(hook, 'default')
    if (guard?.kind === 'function') callValue(new Walker(meanings), guard, [root, UNKNOWN], { spot })
  }
  const inner: LibraryValue = { ...root, path: [{ name: 'plugin', args: [] }] }
  callValue(new Walker(meanings), said, [inner, UNKNOWN], { spot })
  meanings.registry.register(root, { method: null, path: directory, handlers: [inner], spot })
}

export const isAutohook = (file: string) => /(^|\/)\.?autohooks\.[cm]?[jt]s$/.test(file)
