import { problem } from '../problems.js'
import type { RouteNode } from './route-table.js'

/** The params of a path: text for `[id]`, a list for `[...slug]`; an optional catch-all that is absent has no key. */
export type RouteParams = Record<string, string | string[]>

interface RouteMatch<R> {
  readonly route: R
  readonly params: RouteParams
}

/**
 * Finds the route of a pathname, which must be normalised already (a `Request`'s own URL is: no dot segments).
 * Segments are split before they are decoded, so an encoded slash stays inside its param.
 * Throws the problem `invalid` where percent-encoding is broken.
 */
export function matchRoute<R>(table: RouteNode<R>, pathname: string): RouteMatch<R> | null {
  const parts = pathname === '/' ? [] : pathname.slice(1).split('/')
  const decoded = parts.map(decodePart)
  return decoded.includes('') ? null : matchNode(table, decoded, 0)
}

// Depth first with a way back: `/a/[x]/c` must still be found when `/a/b/…` led nowhere. Each level tries at most two
// branches, and the depth is bounded by the deepest file, so a hostile path costs no more than the table is large.
function matchNode<R>(node: RouteNode<R>, parts: readonly string[], at: number): RouteMatch<R> | null {
  const part = parts[at]
  if (part === undefined && node.route !== undefined) return { route: node.route, params: {} }
  if (part !== undefined) {
    const child = node.statics.get(part)
    const fixed = child ? matchNode(child, parts, at + 1) : null
    if (fixed) return fixed
    const dynamic = node.dynamic ? matchNode(node.dynamic.node, parts, at + 1) : null
    if (node.dynamic && dynamic) return withParam(dynamic, node.dynamic.name, part)
  }
  if (!node.catchAll) return null
  if (part !== undefined)
    return withParam({ route: node.catchAll.route, params: {} }, node.catchAll.name, parts.slice(at))
  return node.catchAll.optional ? { route: node.catchAll.route, params: {} } : null
}

function withParam<R>(match: RouteMatch<R>, name: string, value: string | string[]): RouteMatch<R> {
  return { route: match.route, params: { [name]: value, ...match.params } }
}

function decodePart(part: string): string {
  if (!part.includes('%')) return part
  const decoded = tryDecode(part)
  // PostgreSQL's text holds no NUL: let through, it would come back as an error of ours. No row is named by one.
  if (decoded === null || decoded.includes('\0')) throw problem('invalid', 'The path is not encoded correctly')
  return decoded
}

function tryDecode(part: string): string | null {
  try {
    return decodeURIComponent(part)
  } catch {
    return null
  }
}
