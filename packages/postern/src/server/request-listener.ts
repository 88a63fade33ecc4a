import { getRequestListener } from '@hono/node-server'
import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { problemResponse } from '../http/problem-response.js'
import { problem } from '../problems.js'
import { nameClient } from './client-address.js'
import { completeResponse } from './complete-response.js'

/** Joins a fetch-style app to Node's sockets. What is not even a request is answered in the same shape as all else. */
export function requestListener(
  fetch: (request: Request) => Response | Promise<Response>,
  served: { readonly trustProxy: number },
): RequestListener {
  const native = globalThis.Response
  const listener = getRequestListener(fetch, { errorHandler: answerBroken })
  keepInstances(native)
  return (incoming, outgoing) => {
    nameClient(incoming, served.trustProxy)
    return listener(incoming, outgoing)
  }
}

/**
 * The adapter puts a faster class of its own in place of the global `Response`. What the platform makes itself, the
 * answer of `fetch()` above all, would be no instance of that, and code that asks would go wrong.
 */
function keepInstances(native: typeof Response): void {
  const faster = globalThis.Response
  // The adapter replaces it once a process, so this does too.
  if (faster === native) return
  // A subclass, because the adapter itself asks `instanceof` of its own class and means exactly that one.
  const known = class Response extends faster {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof native
    }
  }
  Object.defineProperty(globalThis, 'Response', { value: known })
}

/** A broken Host, a backslash in the path. */
function answerBroken(): Response {
  const requestId = randomUUID()
  const response = problemResponse(problem('invalid'), requestId)
  return completeResponse(response, { requestId, secure: false, closing: true, bodiless: false })
}
