import { problems, type Problem, type ProblemDocument } from '../problems.js'
import { asComplete } from './complete.js'
import { jsonSecurityHeaders } from './security-headers.js'

/**
 * The answer that a problem becomes: `application/problem+json` (RFC 9457), never cached, carrying the request id that
 * the log has too. Only what the problem says on purpose goes out; its stack and cause stay here.
 *
 * @example
 * return problemResponse(problem('not-found'), requestIdOf(request))
 */
export function problemResponse(problem: Problem, requestId: string): Response {
  const { status, headers, body } = problemParts(problem, requestId)
  return new Response(body, { status, headers })
}

/**
 * The same with all that every answer carries, for a client that spoke this protocol. A refusal must be no dearer than an answer: asked
 * for its `Headers`, it is three times as dear. `undefined` where the problem's own headers may need one to be put right.
 */
export function completeProblemResponse(
  problem: Problem,
  requestId: string,
  protocol: 'http' | 'https',
): Response | undefined {
  for (const [name, value] of Object.entries(problem.headers))
    if (!PLAIN_NAME.test(name) || !PLAIN_VALUE.test(value)) return undefined
  const { status, headers, body } = problemParts(problem, requestId)
  const all = Object.assign(jsonSecurityHeaders({ secure: protocol === 'https' }), headers)
  return asComplete(new Response(body, { status, headers: all }), protocol)
}

/** As `Headers` would give it back. */
const PLAIN_NAME = /^[a-z][a-z0-9-]*$/
const PLAIN_VALUE = /^[!-~](?:[ -~]*[!-~])?$/

/** The same in parts, for a host that writes it itself. */
export function problemParts(problem: Problem, requestId: string): ProblemParts {
  const { status, title } = problems[problem.code]
  const document: ProblemDocument = {
    type: `urn:postern:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    requestId,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  }
  const headers = {
    ...problem.headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  }
  return { status, headers, body: JSON.stringify(document) }
}

interface ProblemParts {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}
