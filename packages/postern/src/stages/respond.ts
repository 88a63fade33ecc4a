import type { Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { problemResponse } from '../http/problem-response.js'
import { requestProtocol } from '../http/protocol.js'
import { applySecurityHeaders } from '../http/security-headers.js'
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
}

/** Stage 5: the outcome as a response. Rows are 200, a new row is 201 with its `Location`, nothing is 204. */
export function respond(outcome: Outcome, plan: Plan, options: RespondOptions): Response {
  const isPrivate = plan.publicReason === null || (options.principal ?? null) !== null
  if (outcome.kind === 'response') return finished(outcome.response, options, isPrivate)
  if (outcome.kind === 'empty') return finished(new Response(null, { status: plan.status ?? 204 }), options, isPrivate)
  const status = plan.status ?? (outcome.created ? 201 : 200)
  const isBodiless = status === 204 || status === 205
  const headers = new Headers(isBodiless ? {} : { 'content-type': 'application/json' })
  if (outcome.created && outcome.id !== undefined) {
    headers.set('location', `${new URL(options.request.url).pathname.replace(/\/$/, '')}/${outcome.id}`)
  }
  // Here all is written already: a Response that can't be made would tell of a failure where there is none.
  return finished(new Response(isBodiless ? null : outcome.json, { status, headers }), options, isPrivate)
}

/** The refusal that an error becomes: its own words if it was thrown on purpose, one generic sentence otherwise. */
export function refusalOf(error: unknown): Problem {
  return isProblem(error) ? error : (problemOfDatabaseError(error) ?? problem('internal', undefined, { cause: error }))
}

export function respondToProblem(refusal: Problem, options: RespondOptions): Response {
  return finished(problemResponse(refusal, options.requestId), options)
}

/** A response that a function took from `fetch()` has headers that can't be changed: then it is made anew. */
function finished(response: Response, { request, requestId, trustProxy }: RespondOptions, isPrivate = false): Response {
  const complete = (headers: Headers) => {
    if (isPrivate && !headers.has('cache-control')) headers.set('cache-control', 'no-store')
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
