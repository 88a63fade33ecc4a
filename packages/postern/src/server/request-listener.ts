import { getRequestListener } from '@hono/node-server'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { CLIENT } from '../http/client-of.js'
import { markFromSocket, type Watch } from '../http/from-socket.js'
import type { Limits } from '../limits.js'
import { type Problem, problem } from '../problems.js'
import { CLIENT_ADDRESS_HEADER, nameClient } from './client-address.js'
import type { Connections } from './connections.js'
import type { Door } from './door.js'
import { EndOfTurn } from './end-of-turn.js'
import { headRefusal } from './head-refusal.js'
import type { RefusalParts } from './refusal-parts.js'

interface Listening {
  readonly served: { readonly trustProxy: number }
  readonly limits: Limits
  readonly connections: Connections
  readonly toParts: (refusal: Problem) => RefusalParts
  readonly door: Door
}

/** Joins a fetch-style app to Node's sockets. What is not even a request is answered in the same shape as all else. */
export function requestListener(
  fetch: (request: Request) => Response | Promise<Response>,
  { served, limits, connections, toParts, door }: Listening,
): RequestListener {
  const native = globalThis.Response
  const turn = new EndOfTurn()
  // A Host that is none, a backslash in the path.
  const errorHandler = () => {
    const { status, headers, body } = toParts(problem('invalid'))
    return new Response(body, { status, headers })
  }
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      markFromSocket(request, whileOpen(outgoing as ServerResponse, connections))
      // Just written by us; and under a symbol no client can write anything.
      ;(request as { [CLIENT]?: unknown })[CLIENT] = incoming.headers[CLIENT_ADDRESS_HEADER]
      const response = await fetch(request)
      await turn.wait()
      return response
    },
    { errorHandler },
  )
  keepInstances(native)
  return (incoming, outgoing) => {
    const refusal = headRefusal(incoming, limits) ?? hurryRefusal(incoming, limits, connections)
    // Behind a refusal nothing is a request any more, and nothing runs.
    const isOver = refusal === null ? connections.isOver(incoming.socket) : connections.hearNoMore(incoming.socket)
    if (isOver) return
    if (refusal !== null) return write(outgoing, toParts(refusal))
    if (door.refuses(incoming, outgoing, connections.answering)) return
    nameClient(incoming, served.trustProxy)
    return listener(incoming, outgoing)
  }
}

/** The client has gone away when its connection is closed and the answer was not yet written. */
function whileOpen(outgoing: ServerResponse, connections: Connections): Watch {
  return (listener) =>
    connections.whenLeft(outgoing, () => listener(new Error('The client went away before it was answered')))
}

/**
 * A client may send its next requests before it has the answers, and Node starts them all at once: one packet of 64 kB
 * would start a thousand. No browser does it.
 */
function hurryRefusal({ socket }: IncomingMessage, limits: Limits, connections: Connections): Problem | null {
  if (connections.unanswered(socket) <= limits.pipelined) return null
  return problem('rate-limited', undefined, { headers: { 'retry-after': '1' } })
}

/** Refuses an `Expect` that asks for more than to go on (RFC 9110 §10.1.1). */
export function expectationListener({ connections, toParts }: Listening): RequestListener {
  return (incoming, outgoing) => {
    const isOver = connections.hearNoMore(incoming.socket)
    if (!isOver) write(outgoing, toParts(problem('invalid', 'Expect asks for something unknown')))
  }
}

function write(outgoing: ServerResponse, { status, headers, body }: RefusalParts): void {
  outgoing.writeHead(status, headers)
  outgoing.end(body)
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
