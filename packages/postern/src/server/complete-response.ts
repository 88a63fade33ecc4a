import { completeFor } from '../http/complete.js'
import { applySecurityHeaders } from '../http/security-headers.js'

interface Completion {
  readonly requestId: string
  readonly secure: boolean
  /** The server is stopping: the client should let go of this connection. */
  readonly closing: boolean
  /** The answer to HEAD: the same headers, no body. */
  readonly bodiless: boolean
}

/** Gives an answer what every answer has: its request id and the security headers. */
export function completeResponse(response: Response, completion: Completion): Response {
  const isDone = completeFor(response) === (completion.secure ? 'https' : 'http')
  if (isDone && !completion.bodiless && !completion.closing) return response
  const answer = completion.bodiless ? withoutBody(response) : withOwnHeaders(response)
  if (!answer.headers.has('x-request-id')) answer.headers.set('x-request-id', completion.requestId)
  applySecurityHeaders(answer.headers, completion)
  if (completion.closing) answer.headers.set('connection', 'close')
  return answer
}

function withoutBody(response: Response): Response {
  // A stream that nobody reads would keep its source open.
  void response.body?.cancel()
  return new Response(null, response)
}

/** What `fetch()` and `Response.redirect()` return has frozen headers; to find out is to try. */
function withOwnHeaders(response: Response): Response {
  try {
    response.headers.delete('x-postern-frozen')
    return response
  } catch {
    return new Response(response.body, response)
  }
}
