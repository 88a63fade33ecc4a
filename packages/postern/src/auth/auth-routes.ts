import { foreign } from '../foreign.js'
import type { Handler, HandlerFunction } from '../handler.js'
import { readBytes } from '../http/body-bytes.js'
import { problemResponse } from '../http/problem-response.js'
import { requestIdOf } from '../http/request-id.js'
import { isProblem, problem } from '../problems.js'

/** What `authRoutes()` needs of a better-auth instance, by its shape. */
export interface AuthHandler {
  handler(request: Request): Promise<Response>
}

/** What `authRoutes()` takes. */
export interface AuthRoutesOptions {
  /** Receives what went wrong, for the log; the client gets one sentence and the same request id. Default: standard error. */
  readonly onError?: (error: unknown, requestId: string) => void
  /** The largest body, in bytes. Default 100,000. */
  readonly maxBodyBytes?: number
}

/**
 * better-auth's own routes: sign up, sign in, sign out and the rest, for `app/api/auth/[...all]/route.ts`. Its failures leave
 * as `internal` problems: one sentence, no details. Never throws.
 *
 * @example
 * export const { GET, POST } = authRoutes(auth)
 */
export function authRoutes(
  auth: AuthHandler,
  { onError = toStandardError, maxBodyBytes = 100_000 }: AuthRoutesOptions = {},
): { readonly GET: Handler; readonly POST: Handler } {
  const answer: HandlerFunction = async (request) => {
    try {
      const response = await auth.handler(await bounded(request, maxBodyBytes))
      // better-auth writes its own failure to its own log; what it tells the client of one is not ours to vouch for.
      return response.status < 500 ? response : problemResponse(problem('internal'), requestIdOf(request))
    } catch (error) {
      if (isProblem(error) && error.code === 'too-large') return problemResponse(error, requestIdOf(request))
      onError(error, requestIdOf(request))
      return problemResponse(isProblem(error) ? error : problem('internal'), requestIdOf(request))
    }
  }
  return { GET: foreign('better-auth', answer), POST: foreign('better-auth', answer) }
}

/** **Security:** better-auth reads a body to its end, and these routes are open to everybody. */
async function bounded(request: Request, maxBytes: number): Promise<Request> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.body === null) return request
  return new Request(request, { method: request.method, body: await readBytes(request, maxBytes) })
}

function toStandardError(error: unknown, requestId: string): void {
  process.stderr.write(`${requestId} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
