import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The open connections of a server, and which of them have nothing to say. */
export interface Connections {
  readonly open: number
  /** How many were taken since the start. */
  readonly taken: number
  closeIdle(): void
  closeAll(): void
}

/**
 * Watches a server's connections. Node's own `closeIdleConnections()` spares a connection that has never sent anything
 * (browsers open such ahead of need), which would then hold a stopping server for its whole grace period.
 */
export function watchConnections(server: Server): Connections {
  const connections = new Map<Socket, { answering: number; bytesAtRest: number }>()

  let taken = 0
  server.on('connection', (socket: Socket) => {
    taken += 1
    connections.set(socket, { answering: 0, bytesAtRest: 0 })
    socket.once('close', () => connections.delete(socket))
  })

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket)
    if (!connection) return
    connection.answering += 1
    response.once('close', () => {
      connection.answering -= 1
      connection.bytesAtRest = request.socket.bytesRead
    })
  })

  return {
    get open() {
      return connections.size
    },
    get taken() {
      return taken
    },
    closeIdle() {
      for (const [socket, { answering, bytesAtRest }] of connections) {
        // Bytes beyond the last request are the next one arriving: it was sent before we stopped, so it is answered.
        if (answering === 0 && socket.bytesRead === bytesAtRest) socket.destroy()
      }
    },
    closeAll() {
      for (const socket of connections.keys()) socket.destroy()
    },
  }
}
