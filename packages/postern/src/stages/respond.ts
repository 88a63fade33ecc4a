import type { Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { problemResponse } from '../http/problem-response.js'
import { requestProtocol } from '../http/protocol.js'
import { applySecurityHeaders } from '../http/security-headers.js'
import type { Plan } from '../plan.js'
import { isProblem, type Problem, problem } from '../problems.js'

/** What the last stage needs to know of its surroundings. */
export interface RespondOptions {
  readonly request: Request
  readonly requestId: string
  readonly trustProxy: number
}

/** Stage 5: the outcome as a response. Rows are 200, a new row is 201 with its `Location`, nothing is 204. */
export function respond(outcome: Outcome, plan: Plan, options: RespondOptions): Response {
  if (outcome.kind === 'response') return finished(outcome.response, options)
  if (outcome.kind === 'empty') return finished(new Response(null, { status: plan.status ?? 204 }), options)
  const headers = new Headers({ 'content-type': 'application/json' })
  // What one principal may see must not be kept by a cache and shown to the next.
  if (plan.publicReason === null) headers.set('cache-control', 'no-store')
  if (outcome.created && outcome.id !== undefined) {
    headers.set('location', `${new URL(options.request.url).pathname.replace(/\/$/, '')}/${outcome.id}`)
  }
  const status = plan.status ?? (outcome.created ? 201 : 200)
  return finished(new Response(outcome.json, { status, headers }), options)
}

/** The refusal that an error becomes: its own words if it was thrown on purpose, one generic sentence otherwise. */
export function refusalOf(error: unknown): Problem {
  return isProblem(error) ? error : (problemOfDatabaseError(error) ?? problem('internal', undefined, { cause: error }))
}

export function respondToProblem(refusal: Problem, options: RespondOptions): Response {
  return finished(problemResponse(refusal, options.requestId), options)
}

/** A response that a function took from `fetch()` has headers that can't be changed: then it is made anew. */
function finished(response: Response, { request, requestId, trustProxy }: RespondOptions): Response {
  const complete = (headers: Headers) => {
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
