import { handlerFacts, type HandlerFacts } from './handler-facts.js'
import { METHODS, type RouteModule } from './methods.js'
import { toSegments } from './segments.js'
import { StartRefused } from './start-refused.js'

interface GuardedRoute {
  readonly path: string
  readonly module: RouteModule
  readonly file?: string | undefined
}

/**
 * Refuses to serve what nothing guards: a bare function, which skips every check, and an endpoint that is reached by
 * params and does not say whose row they name. Under `serve()` this is found before anything listens.
 */
export function refuseUnguarded(routes: readonly GuardedRoute[]): void {
  for (const route of routes) refuseRoute(route)
}

function refuseRoute(route: GuardedRoute): void {
  const place = route.file ?? route.path
  const exported = METHODS.filter((method) => route.module[method] !== undefined)
  if (exported.length === 0) {
    throw new StartRefused(`${place} exports no method`, 'Export GET, POST, PUT, PATCH or DELETE, in capitals')
  }
  const byParams = toSegments(route.path).some((segment) => segment.kind !== 'static')
  for (const method of exported) {
    const facts = handlerFacts(route.module[method])
    if (!facts) throw bareFunction(method, place)
    if (byParams && facts.kind === 'endpoint' && saysNoOwner(facts)) throw unguardedParams(method, place)
  }
}

function saysNoOwner(facts: HandlerFacts): boolean {
  return !(facts.owns || facts.sees || facts.unowned)
}

function bareFunction(method: string, place: string): StartRefused {
  return new StartRefused(
    `${method} in ${place} is a bare function, so nothing authenticates or checks its callers`,
    "Wrap it in endpoint(), or mark it foreign('who guards it', handler)",
  )
}

function unguardedParams(method: string, place: string): StartRefused {
  return new StartRefused(
    `${method} in ${place} takes an id from the path and says none of owns, sees, unowned`,
    "Add `owns: table`, `sees: table` or `unowned: 'reason'` to its slots",
  )
}
