import { calledWith } from './called-with.js'
import type { Modules } from '../trace/modules.js'
import { origin } from '../trace/origin.js'
import { from, object } from '../trace/value.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'

/** Pages of Next.js that are made on the server: nobody calls them by hand, but what they read is read for whoever looks. */
export function nextPages(files: readonly string[], modules: Modules): EntryPoint[] {
  return files.flatMap((file): EntryPoint[] => {
    const match = /^(?:.*\/)?app\/(?:.*\/)?(page|layout)\.[cm]?[jt]sx?$/.exec(file)
    const scope = match === null ? undefined : modules.scopeOf(file)
    if (match === null || scope === undefined || /^\s*['"]use client['"]/.test(scope.file.text)) return []
    const handler = modules.exported(file, 'default')
    if (handler === undefined) return []
    const part = (name: 'params' | 'query') =>
      from(origin({ from: 'input', part: name, name: '', source: { file, name }, validated: false }))
    const spot = declarationOf(scope.file, 'default')
    const props = object({ params: part('params'), searchParams: part('query') })
    return [
      {
        kind: 'page',
        framework: 'next',
        symbol: match[1]!,
        method: 'GET',
        path: null,
        spot,
        follow: calledWith(handler, [props], spot),
      },
    ]
  })
}
