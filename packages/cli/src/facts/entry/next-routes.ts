import { calledWith } from './called-with.js'
import type { Modules } from '../trace/modules.js'
import { origin } from '../trace/origin.js'
import { from, object } from '../trace/value.js'
import { REQUEST } from '../catalog/web.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'
import { frameworkOf } from './framework-of.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The route handlers of Next.js: `app/**\/route.ts`, each of whose exports is a method. */
export function nextRoutes(files: readonly string[], modules: Modules): EntryPoint[] {
  return files.flatMap((file) => {
    const match = /^(?:.*\/)?app\/(?:(.*)\/)?route\.[cm]?[jt]sx?$/.exec(file)
    const scope = match === null ? undefined : modules.scopeOf(file)
    if (match === null || scope === undefined) return []
    const path = pathOf(match[1] ?? '')
    const names = modules.exportsOf(file)
    return METHODS.filter((name) => names.includes(name)).flatMap((method): EntryPoint[] => {
      const handler = modules.exported(file, method)
      if (handler === undefined) return []
      const params = from(origin({ from: 'input', part: 'params', name: '', source: { file }, validated: false }))
      const spot = declarationOf(scope.file, method)
      return [
        {
          kind: 'endpoint',
          framework: frameworkOf(handler, 'next'),
          symbol: method,
          method,
          path,
          spot,
          follow: calledWith(handler, [REQUEST, object({ params })], spot),
        },
      ]
    })
  })
}

/** `(shop)/items/[id]` → `/items/:id`. */
function pathOf(directory: string): string {
  const segments = directory
    .split('/')
    .filter((segment) => segment !== '' && !/^\(.*\)$/.test(segment) && !segment.startsWith('@'))
  return `/${segments.map((segment) => segment.replace(/^\[+(?:\.\.\.)?([^\]]+)\]+$/, ':$1')).join('/')}`
}
