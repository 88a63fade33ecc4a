import type { Event, Events } from '../events.js'
import type { Handler } from '../handler.js'
import { arrivalOf, nameRoute } from '../http/arrival.js'
import { type CorsPolicy, preflightHeaders } from '../http/cors.js'
import { problemResponse } from '../http/problem-response.js'
import { requestIdOf } from '../http/request-id.js'
import { isProblem, problem, type Problem, type ProblemCode } from '../problems.js'
import { pathnameOf } from '../http/pathname.js'
import { redirectOf } from './canonical-path.js'
import { guardBody } from './guard-body.js'
import { handlerFacts } from './handler-facts.js'
import { matchRoute, type RouteParams } from './match-route.js'
import { handlerFor } from './methods.js'
import type { RouteNode, TableRoute } from './route-table.js'

/** A route with its handlers by method. */
export interface Served extends TableRoute {
  readonly methods: ReadonlyMap<string, Handler>
  /** The path as people write it: `/api/invoices/:id`. */
  readonly pattern: string
  /** What `Allow` says of it. */
  readonly allow: string
}

/**
 * Answers one request from the table. An endpoint reports its own request; what never reaches one (no such path, no such
 * method, a foreign handler) is reported here, so that each request is in the log once.
 */
export function answerRequest(
  request: Request,
  table: RouteNode<Served>,
  events: Events,
  trustProxy: number,
  cors: CorsPolicy | null = null,
): Promise<Response> {
  const found = findAnswer(request, table, cors)
  const outcome: Outcome = { code: null }
  if (!('handler' in found))
    return reported(request, events, trustProxy, outcome, () => ownAnswer(request, found, events, outcome))
  const answer = () => runHandler(request, found, events, outcome)
  return found.kind === 'foreign' ? reported(request, events, trustProxy, outcome, answer) : answer()
}

/** Why a request was refused, kept outside so that its line in the log can say it. */
interface Outcome {
  code: ProblemCode | null
}

type Found =
  | { readonly handler: Handler; readonly kind: string | undefined; readonly params: RouteParams }
  | { readonly response: Response }
  | { readonly refusal: Problem }

function findAnswer(request: Request, table: RouteNode<Served>, cors: CorsPolicy | null): Found {
  const location = redirectOf(request.url)
  if (location !== null) return { response: new Response(null, { status: 308, headers: { location } }) }
  const match = tryMatch(table, pathnameOf(request.url))
  if (isProblem(match)) return { refusal: match }
  if (!match) return { refusal: problem('not-found') }
  nameRoute(request, match.route.pattern)
  const handler = handlerFor(match.route.methods, request.method)
  const kind = handlerFacts(handler)?.kind
  const headers = { allow: match.route.allow }
  // Another library may have its own rules; what an endpoint does on OPTIONS is no answer to a browser that asks first.
  const preflight = kind === 'foreign' ? null : preflightHeaders(request, cors, headers.allow)
  if (preflight === null && handler && kind !== 'preflight') return { handler, kind, params: match.params }
  if (request.method === 'OPTIONS') {
    return { response: new Response(null, { status: 204, headers: { ...headers, ...preflight } }) }
  }
  return { refusal: problem('method-not-allowed', undefined, { headers }) }
}

function tryMatch(table: RouteNode<Served>, pathname: string) {
  try {
    return matchRoute(table, pathname)
  } catch (error) {
    if (isProblem(error)) return error
    throw error
  }
}

function ownAnswer(
  request: Request,
  found: Exclude<Found, { handler: Handler }>,
  events: Events,
  outcome: Outcome,
): Response {
  return 'response' in found ? found.response : refuse(request, found.refusal, events, outcome)
}

async function runHandler(
  request: Request,
  { handler, params }: Extract<Found, { handler: Handler }>,
  events: Events,
  outcome: Outcome,
): Promise<Response> {
  try {
    const response: unknown = await handler(request, { params: Promise.resolve(params) })
    if (isResponse(response)) return guardBody(response, (error) => fail(request, error, events))
    throw new TypeError('A handler returned something that is not a Response')
  } catch (error) {
    if (isProblem(error)) return refuse(request, error, events, outcome)
    fail(request, error, events)
    outcome.code = 'internal'
    return problemResponse(problem('internal'), requestIdOf(request))
  }
}

/** By its looks: the adapter replaces the global `Response`, and what `fetch()` returns is no instance of that. */
function isResponse(value: unknown): value is Response {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'body' in value
}

function fail(request: Request, error: unknown, events: Events): void {
  events.emit({ type: 'request.failed', requestId: requestIdOf(request), error })
}

function refuse(request: Request, refusal: Problem, events: Events, outcome: Outcome): Response {
  const requestId = requestIdOf(request)
  outcome.code = refusal.code
  events.emit({ type: 'request.refused', requestId, code: refusal.code, principalId: null })
  return problemResponse(refusal, requestId)
}

async function reported(
  request: Request,
  events: Events,
  trustProxy: number,
  outcome: Outcome,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const seen = { requestId: requestIdOf(request), method: request.method, path: pathnameOf(request.url) }
  const started = performance.now()
  events.emit({ type: 'request.received', ...seen, ...arrivalOf(request, trustProxy) })
  const response = await answer()
  const ms = performance.now() - started
  const { code } = outcome
  events.emit({
    type: 'request.answered',
    ...seen,
    status: response.status,
    ms,
    principalId: null,
    code,
  } satisfies Event)
  return response
}
