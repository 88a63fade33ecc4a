import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { type Problem, problem, type ProblemCode } from '../problems.js'
import type { Connections } from './connections.js'

/**
 * Answers what Node's parser gives up on in the shape of all other refusals: Node itself would write a bare line, and with
 * answers outstanding it would write it into the midst of them.
 */
export function answerBrokenRequests(server: Server, connections: Connections): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const refusal = refusalOf(error.code)
    if (refusal === null) socket.destroy()
    else connections.refuse(socket as Socket, refusal)
  })
  // We are no proxy. Node would hang up without an answer.
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => {})
    connections.refuse(socket as Socket, problem('invalid', 'The request target is not a path'))
  })
}

/** `null` where nobody is left to hear an answer: the connection itself broke. */
function refusalOf(code: string | undefined): Problem | null {
  if (code === undefined || !/^(HPE_|ERR_HTTP_)/.test(code)) return null
  return problem(CODES[code] ?? 'invalid')
}

const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}
