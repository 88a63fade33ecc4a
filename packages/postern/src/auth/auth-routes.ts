import { randomUUID } from 'node:crypto'
import { foreign } from '../foreign.js'
import { problems, type ProblemDocument } from '../problems.js'

/** What `authRoutes()` needs of a better-auth instance, by its shape. */
export interface AuthHandler {
  handler(request: Request): Promise<Response>
}

interface AuthRoutesOptions {
  /** Receives what went wrong, for the log; the client gets one sentence and the same request id. Default: standard error. */
  readonly onError?: (error: unknown, requestId: string) => void
}

type Route = (request: Request, context?: { params: Promise<Record<string, string | string[]>> }) => Promise<Response>

/**
 * better-auth's own routes: sign up, sign in, sign out and the rest, for `app/api/auth/[...all]/route.ts`. Its failures leave
 * as `internal` problems: one sentence, no details. Never throws.
 *
 * @example
 * export const { GET, POST } = authRoutes(auth)
 */
export function authRoutes(
  auth: AuthHandler,
  { onError = toStandardError }: AuthRoutesOptions = {},
): { GET: Route; POST: Route } {
  const answer: Route = async (request) => {
    const requestId = randomUUID()
    try {
      const response = await auth.handler(request)
      if (response.status < 500) return response
      onError(new Error(`better-auth answered ${response.status} ${response.statusText}`), requestId)
    } catch (error) {
      onError(error, requestId)
    }
    return internal(requestId)
  }
  return {
    GET: foreign('better-auth', (request, context) => answer(request, context)),
    POST: foreign('better-auth', (request, context) => answer(request, context)),
  }
}

function internal(requestId: string): Response {
  const { status, title } = problems.internal
  const document: ProblemDocument = { type: 'about:blank', title, status, code: 'internal', requestId }
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-request-id': requestId }
  return new Response(JSON.stringify(document), { status, headers })
}

function toStandardError(error: unknown, requestId: string): void {
  process.stderr.write(`${requestId} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
