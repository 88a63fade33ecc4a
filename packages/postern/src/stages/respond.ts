import type { Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { applyCacheControl } from '../http/cache-control.js'
import { asComplete } from '../http/complete.js'
import { isSafeMethod } from '../http/cross-site.js'
import { toEntityTag } from '../http/entity-tags.js'
import { pathnameOf } from '../http/pathname.js'
import { completeProblemResponse, problemResponse } from '../http/problem-response.js'
import { requestProtocol } from '../http/protocol.js'
import { applySecurityHeaders, jsonSecurityHeaders } from '../http/security-headers.js'
import type { Plan } from '../plan.js'
import type { Principal } from '../principal.js'
import { isProblem, type Problem, problem } from '../problems.js'

/** What the last stage needs to know of its surroundings. */
interface RespondOptions {
  readonly request: Request
  readonly requestId: string
  readonly trustProxy: number
  /** Who called: what somebody in particular is told must not be kept by a cache and shown to the next. */
  readonly principal?: Principal | null
  /** The headers of the adapter's own by which a caller is known. */
  readonly knownBy?: readonly string[] | undefined
}

/** Stage 5: the outcome as a response. Rows are 200, a new row is 201 with its `Location`, nothing is 204. */
export function respond(outcome: Outcome, plan: Plan, options: RespondOptions): Response {
  const isPrivate = plan.publicReason === null || (options.principal ?? null) !== null
  if (outcome.kind === 'json' && plan.cache === null) return jsonResponse(outcome, plan, options, isPrivate)
  const response = responseOf(outcome, plan, options)
  const isRead = isSafeMethod(options.request.method) && (response.status === 200 || response.status === 304)
  return finished(response, options, { isPrivate, lifetime: isRead ? plan.cache : null, knownBy: options.knownBy })
}

/** The outcome as a response, without what depends on who asked. */
export function responseOf(outcome: Outcome, plan: Plan, options: RespondOptions): Response {
  if (outcome.kind === 'response') return outcome.response
  if (outcome.kind === 'steered') throw outcome.thrown
  if (outcome.kind === 'empty') return new Response(null, { status: plan.status ?? 204 })
  if (outcome.kind === 'unchanged')
    return new Response(null, { status: 304, headers: { etag: toEntityTag(outcome.version) } })
  return jsonResponse(outcome, plan, options, false)
}

/** JSON with all that an answer should carry, said while it is made: what is added later costs more than all else in it. */
function jsonResponse(
  outcome: Extract<Outcome, { kind: 'json' }>,
  plan: Plan,
  { request, requestId, trustProxy }: RespondOptions,
  isPrivate: boolean,
): Response {
  const status = plan.status ?? (outcome.created ? 201 : 200)
  const isBodiless = status === 204 || status === 205
  const protocol = requestProtocol(request, trustProxy)
  const location = outcome.created && outcome.id !== undefined ? placeOf(request, outcome.id) : undefined
  const headers = jsonSecurityHeaders({ secure: protocol === 'https' })
  headers['x-request-id'] = requestId
  if (outcome.version !== undefined) headers['etag'] = toEntityTag(outcome.version)
  if (!isBodiless) headers['content-type'] = 'application/json'
  if (isPrivate) headers['cache-control'] = 'no-store'
  if (location !== undefined) headers['location'] = location
  // Here all is written already: a Response that can't be made would tell of a failure where there is none.
  return asComplete(new Response(isBodiless ? null : outcome.json, { status, headers }), protocol)
}

/** Where a new row is: its key behind the path of its list. */
function placeOf(request: Request, id: string): string {
  return `${pathnameOf(request.url).replace(/\/$/, '')}/${id}`
}

/** The refusal that an error becomes: its own words if it was thrown on purpose, one generic sentence otherwise. */
export function refusalOf(error: unknown): Problem {
  return isProblem(error) ? error : (problemOfDatabaseError(error) ?? problem('internal', undefined, { cause: error }))
}

/** An answer that was made already, with what each carries. */
export function respondWith(response: Response, options: RespondOptions): Response {
  return finished(response, options, { isPrivate: true, lifetime: null })
}

export function respondToProblem(refusal: Problem, options: RespondOptions): Response {
  const { request, requestId, trustProxy } = options
  const complete = completeProblemResponse(refusal, requestId, requestProtocol(request, trustProxy))
  if (complete !== undefined) return complete
  return finished(problemResponse(refusal, requestId), options, { isPrivate: false, lifetime: null })
}

/** A response that a function took from `fetch()` has headers that can't be changed: then it is made anew. */
function finished(
  response: Response,
  { request, requestId, trustProxy }: RespondOptions,
  cache: Parameters<typeof applyCacheControl>[1],
): Response {
  const complete = (headers: Headers) => {
    applyCacheControl(headers, cache)
    if (!headers.has('x-request-id')) headers.set('x-request-id', requestId)
    applySecurityHeaders(headers, { secure: requestProtocol(request, trustProxy) === 'https' })
  }
  try {
    complete(response.headers)
    return response
  } catch {
    const copy = new Response(response.body, response)
    complete(copy.headers)
    return copy
  }
}
