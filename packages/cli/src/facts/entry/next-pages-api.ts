import { EXPRESS_REQUEST, EXPRESS_RESPONSE } from '../catalog/express.js'
import type { Modules } from '../trace/modules.js'
import { calledWith } from './called-with.js'
import { declarationOf } from './declaration.js'
import type { EntryPoint } from './entry-point.js'

/** `pages/api/posts/[id].ts` of Next.js: one handler for every method, which it tells apart itself. */
export function nextPagesApi(file: string, modules: Modules): EntryPoint[] {
  const match = /^(?:.*\/)?pages\/(api\/.*)\.[cm]?[jt]sx?$/.exec(file)
  const scope = match === null || /\.(?:test|spec|d)$/.test(match[1]!) ? undefined : modules.scopeOf(file)
  // Where the router is another, such a folder is just a folder.
  if (match === null || scope === undefined) return []
  const handler = modules.exported(file, 'default')
  if (handler === undefined) return []
  const spot = declarationOf(scope.file, 'default')
  const segments = match[1]!.split('/').filter((one) => one !== 'index')
  const path = `/${segments.map((one) => one.replace(/^\[+(?:\.\.\.)?([^\]]+)\]+$/, ':$1')).join('/')}`
  const symbol = handler.kind === 'function' && handler.name !== null ? handler.name : 'default'
  const follow = calledWith(handler, [EXPRESS_REQUEST, EXPRESS_RESPONSE], spot)
  return [{ kind: 'endpoint', framework: 'next-pages', symbol, method: null, path, spot, follow }]
}
