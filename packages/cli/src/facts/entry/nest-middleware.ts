import { propertyOf, textOf } from '../catalog/library.js'
import type { Value } from '../trace/model.js'
import type { NestMiddleware } from './nest-app.js'
import type { NestRoute } from './nest-route.js'

/** Whether a middleware was said to stand in front of a route; of one that can't be told it does. */
export function standsBefore({ excluded, routes }: NestMiddleware, route: NestRoute): boolean {
  if (excluded.some((one) => isMeant(one, route) === true)) return false
  return routes.length === 0 || routes.some((one) => isMeant(one, route) !== false)
}

/** A class of controllers, a path, or a path with a method. */
function isMeant(said: Value, route: NestRoute): boolean | undefined {
  if (said.kind === 'class') return said.node === route.controller.node
  const path = textOf(said) ?? textOf(propertyOf(said, 'path'))
  if (path === undefined) return undefined
  const method = propertyOf(said, 'method')
  const name = method?.kind === 'library' ? method.path.at(-1)?.name : undefined
  if (name !== undefined && name !== 'ALL' && name !== route.method) return false
  // Whether or not the app's prefix and the version are told with it.
  const inFront = partsOf(route.app.prefix).length
  const parts = partsOf(route.path)
  return [0, inFront, inFront + 1].some((from) => fits(partsOf(path), parts.slice(from)))
}

/** A wildcard is a star in any of its spellings; a parameter is one segment, whatever it is called. */
function partsOf(path: string): string[] {
  return path
    .replace(/\(\.\*\)|\{\*\w*\}|\*\w*/g, '*')
    .split('/')
    .filter((part) => part !== '')
}

function fits(wanted: readonly string[], parts: readonly string[]): boolean {
  const star = wanted.indexOf('*')
  if (star === -1 && wanted.length !== parts.length) return false
  const fixed = star === -1 ? wanted : wanted.slice(0, star)
  return fixed.every(
    (part, index) => part === parts[index] || (part.startsWith(':') && (parts[index]?.startsWith(':') ?? false)),
  )
}
