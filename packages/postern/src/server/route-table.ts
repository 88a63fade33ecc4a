import { toSegments, type Segment } from './segments.js'
import { StartRefused } from './start-refused.js'

/** What a table needs of a route: its path in folder names, and where it stands, for the sentence that refuses it. */
export interface TableRoute {
  readonly path: string
  readonly file?: string | undefined
}

/** One position in the tree of paths. Precedence is the order in which a match tries what stands here. */
export interface RouteNode<R> {
  route?: R
  readonly statics: Map<string, RouteNode<R>>
  dynamic?: { readonly name: string; readonly from: R; readonly node: RouteNode<R> }
  catchAll?: { readonly name: string; readonly optional: boolean; readonly route: R }
}

/**
 * Builds the tree that requests are matched against. The order of the routes means nothing.
 * Throws `StartRefused`, naming both files, where two routes could answer one path or call one segment two names.
 */
export function routeTable<R extends TableRoute>(routes: readonly R[]): RouteNode<R> {
  const root = emptyNode<R>()
  for (const route of routes) insert(root, route, toSegments(route.path))
  refuseShadowedParents(root)
  return root
}

/** The routes in the order in which they are tried: static, dynamic, catch-all, optional catch-all. */
export function routesInOrder<R>(node: RouteNode<R>): R[] {
  const statics = [...node.statics.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
  return [
    ...(node.route ? [node.route] : []),
    ...statics.flatMap(([, child]) => routesInOrder(child)),
    ...(node.dynamic ? routesInOrder(node.dynamic.node) : []),
    ...(node.catchAll ? [node.catchAll.route] : []),
  ]
}

function emptyNode<R>(): RouteNode<R> {
  return { statics: new Map() }
}

function insert<R extends TableRoute>(node: RouteNode<R>, route: R, segments: readonly Segment[]): void {
  const [segment, ...rest] = segments
  if (!segment) {
    if (node.route) throw collision(node.route, route)
    node.route = route
  } else if (segment.kind === 'static') {
    const child = node.statics.get(segment.value) ?? emptyNode<R>()
    node.statics.set(segment.value, child)
    insert(child, route, rest)
  } else if (segment.kind === 'dynamic') {
    node.dynamic ??= { name: segment.name, from: route, node: emptyNode<R>() }
    if (node.dynamic.name !== segment.name) throw twoNames(node.dynamic.from, node.dynamic.name, route, segment.name)
    insert(node.dynamic.node, route, rest)
  } else {
    if (node.catchAll) throw collision(node.catchAll.route, route)
    node.catchAll = { name: segment.name, optional: segment.kind === 'optional-catch-all', route }
  }
}

/** `/a` and `/a/[[...rest]]` are equally specific for `/a`: the App Router refuses the pair, and so do we. */
function refuseShadowedParents<R extends TableRoute>(node: RouteNode<R>): void {
  if (node.route && node.catchAll?.optional) throw collision(node.route, node.catchAll.route)
  for (const child of node.statics.values()) refuseShadowedParents(child)
  if (node.dynamic) refuseShadowedParents(node.dynamic.node)
}

function collision(a: TableRoute, b: TableRoute): StartRefused {
  return new StartRefused(`${placeOf(a)} and ${placeOf(b)} answer the same path`, 'Keep one of them')
}

function twoNames(a: TableRoute, nameA: string, b: TableRoute, nameB: string): StartRefused {
  return new StartRefused(
    `${placeOf(a)} and ${placeOf(b)} call the same segment by two names, [${nameA}] and [${nameB}]`,
    'Use one name at that place',
  )
}

function placeOf(route: TableRoute): string {
  return route.file ?? route.path
}
