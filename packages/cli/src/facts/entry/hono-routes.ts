import type { LibraryValue } from '../trace/model.js'
import { HONO_CONTEXT } from '../catalog/hono.js'
import { followChain } from './chain.js'
import { type Dialect, mountedRoutes } from './mounted-routes.js'
import type { Registry } from './registry.js'
import type { EntryPoint } from './entry-point.js'

const DIALECT: Dialect = {
  framework: 'hono',
  isUnder,
  toFollow: (row, spot) => (walker) =>
    followChain(walker, row, [HONO_CONTEXT], spot, ([context], next) => [context!, next]),
}

export function honoRoutes(apps: readonly LibraryValue[], registry: Registry): EntryPoint[] {
  return mountedRoutes(apps, registry, DIALECT)
}

/** `*` at the end, and in the middle, is any number of segments. Not a pattern of the engine's: a path with forty stars would never end. */
function isUnder(path: string, guard: string): boolean {
  const wanted = segmentsOf(guard.replaceAll('*', '/*'))
  const given = segmentsOf(path)
  if (wanted.length === 0) return true
  let [at, star, from] = [0, -1, 0]
  for (let index = 0; index < given.length;) {
    if (wanted[at] === '*') [star, from] = [at++, index]
    else if (at < wanted.length && isSegment(given[index]!, wanted[at]!)) [at, index] = [at + 1, index + 1]
    else if (star === -1) return false
    else [at, index] = [star + 1, ++from]
  }
  return wanted.slice(at).every((one) => one === '*')
}

function isSegment(given: string, wanted: string): boolean {
  return given === wanted || (wanted.includes(':') && given.startsWith(wanted.slice(0, wanted.indexOf(':'))))
}

const segmentsOf = (path: string) => path.split('/').filter((segment) => segment !== '')
