import { problems, type Problem, type ProblemDocument } from '../problems.js'

/**
 * The answer that a problem becomes: `application/problem+json` (RFC 9457), never cached, carrying the request id that
 * the log has too. Only what the problem says on purpose goes out; its stack and cause stay here.
 *
 * @example
 * return problemResponse(problem('not-found'), requestIdOf(request))
 */
export function problemResponse(problem: Problem, requestId: string): Response {
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
  return new Response(JSON.stringify(document), {
    status,
    headers: {
      ...problem.headers,
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
    },
  })
}
