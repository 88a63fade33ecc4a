import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Problem } from '../problems.js'
import { refusalText, type RefusalParts } from './refusal-parts.js'

/** The open connections of a server, and which of them have nothing to say. */
export interface Connections {
  readonly open: number
  /** How many requests are being answered. */
  readonly answering: number
  /** How many were taken since the start. */
  readonly taken: number
  /** How many requests of this connection wait for their answers. */
  unanswered(socket: Socket): number
  /** Calls `listener` when the client has gone before its answer was written. The answer to this call stops that. */
  whenLeft(response: ServerResponse, listener: () => void): () => void
  /** Nothing that comes on this connection is looked at any more. */
  isOver(socket: Socket): boolean
  /** Makes it so from now on. The answer is whether it was so already. */
  hearNoMore(socket: Socket): boolean
  /** Answers what can't be answered otherwise, behind all answers that are due before it, and ends the connection. */
  refuse(socket: Socket, refusal: Problem): void
  /** Closes those on which nothing has come or gone for `quietMs`. */
  closeIdle(quietMs: number): void
  closeAll(): void
}

interface Connection {
  /**
   * In order. A list and no `Set`: that leaves its old tables behind, each holds the next, and whatever stood in them stays until the
   * next full collection, the whole request with it.
   */
  readonly exchanges: Exchange[]
  bytesAtRest: number
  /** Since when it has nothing to say. */
  restingSince: number
  refused: boolean
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Told when the client leaves: one listener of the response serves all who ask, because each costs a microsecond. */
  onLeft: Set<() => void> | undefined
}

const EXCHANGE = Symbol('exchange')

type Watched = ServerResponse & { [EXCHANGE]?: Exchange }

/**
 * Watches a server's connections. Node's own `closeIdleConnections()` spares a connection that has never sent anything
 * (browsers open such ahead of need), which would then hold a stopping server for its whole grace period.
 */
export function watchConnections(server: Server, toParts: (refusal: Problem) => RefusalParts): Connections {
  const connections = new Map<Socket, Connection>()

  let taken = 0
  let answering = 0
  server.on('connection', (socket: Socket) => {
    taken += 1
    const exchanges: Exchange[] = []
    connections.set(socket, { exchanges, bytesAtRest: 0, restingSince: performance.now(), refused: false })
    socket.once('close', () => {
      connections.delete(socket)
      // Node tells only the answer that is being written. The requests behind it would go on for a client that has gone.
      for (const { response } of exchanges.slice()) if (response.socket === null) response.emit('close')
    })
  })

  const watch = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket)
    if (!connection) return
    const exchange: Exchange = { request, response, onLeft: undefined }
    ;(response as Watched)[EXCHANGE] = exchange
    connection.exchanges.push(exchange)
    answering += 1
    response.once('close', () => {
      if (!response.writableFinished) exchange.onLeft?.forEach((tell) => tell())
      connection.exchanges.splice(connection.exchanges.indexOf(exchange), 1)
      answering -= 1
      connection.bytesAtRest = request.socket.bytesRead
      connection.restingSince = performance.now()
    })
  }
  server.on('request', watch)
  server.on('checkExpectation', watch)

  // Silence on both sides, for as long as `server.timeout`, or after an answer `keepAliveTimeout`, says. A handler that is
  // still at work has nothing to send; one whose answer lies here unread would lie here for ever.
  server.on('timeout', (socket: Socket) => {
    const works = (connections.get(socket)?.exchanges.length ?? 0) > 0
    if (!works || socket.writableLength > 0) socket.destroy()
  })

  const hearNoMore = (socket: Socket) => {
    const connection = connections.get(socket)
    if (!connection) return true
    const before = connection.refused
    connection.refused = true
    return before
  }

  return {
    get open() {
      return connections.size
    },
    get answering() {
      return answering
    },
    get taken() {
      return taken
    },
    unanswered: (socket) => connections.get(socket)?.exchanges.length ?? 0,
    whenLeft(response, listener) {
      const exchange = (response as Watched)[EXCHANGE]
      // Closed before anybody asked.
      if (exchange === undefined || response.closed) listener()
      else (exchange.onLeft ??= new Set()).add(listener)
      return () => void exchange?.onLeft?.delete(listener)
    },
    isOver: (socket) => connections.get(socket)?.refused ?? true,
    hearNoMore,
    refuse(socket, refusal) {
      if (hearNoMore(socket)) return
      const due = [...connections.get(socket)!.exchanges]
      // What broke is the body of a request that has been handed on: then this is the answer to that one.
      const broken = due.at(-1)?.request.complete === false ? due.pop() : undefined
      afterAll(due, () => {
        if (broken?.response.headersSent === true) socket.destroy()
        else hangUp(socket, refusalText(toParts(refusal)))
      })
    },
    closeIdle(quietMs) {
      const before = performance.now() - quietMs
      for (const [socket, { exchanges, bytesAtRest, restingSince }] of connections) {
        // Bytes beyond the last request are the next one arriving: it was sent before we stopped, so it is answered.
        if (exchanges.length === 0 && socket.bytesRead === bytesAtRest && restingSince <= before) socket.destroy()
      }
    },
    closeAll() {
      for (const socket of connections.keys()) socket.destroy()
    },
  }
}

/** Answers go out in the order of their requests: when the last is out, all are. */
function afterAll(due: readonly Exchange[], next: () => void): void {
  const last = due.at(-1)
  if (last === undefined) next()
  else last.response.once('close', next)
}

/**
 * Closing a connection with bytes unread makes the kernel send a reset, which can overtake the answer and take it away
 * from the client. So what still comes is read, for a moment, and dropped.
 */
function hangUp(socket: Socket, text: string): void {
  if (!socket.writable) return void socket.destroy()
  socket.end(text)
  socket.resume()
  const impatient = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(impatient))
}

const LINGER_MS = 500
