import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Limits } from '../limits.js'
import { StartRefused } from './start-refused.js'

/** Makes the socket's side of a server: limits that hold before a request is one. */
export function createHttpServer(limits: Limits): Server {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.receiveMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: CHECK_MS,
    keepAlive: true,
    // Node would answer a bare line; ours comes with the other rules about Host.
    requireHostHeader: false,
  })
  // Node drops what is beyond without a word: one more, so that it is seen and refused.
  server.maxHeadersCount = limits.headers + 1
  server.maxConnections = limits.connections
  server.timeout = limits.unreadMs
  return server
}

// Slow clients (slowloris) hold a connection open with a byte now and then: Node looks at them only every
// `connectionsCheckingInterval`, 30 s by default, so the other limits mean little without this one.
const CHECK_MS = 1_000

/** Starts listening and answers the port that is really used. Throws `StartRefused` where the address can't be had. */
export async function listen(server: Server, port: number, hostname: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(refusal(error, port, hostname)))
    server.listen(port, hostname, () => resolve())
  })
  return (server.address() as AddressInfo).port
}

/** An address that a person can open: `0.0.0.0` and `::` mean every address, and are none. */
export function urlOf(hostname: string, port: number): string {
  if (hostname === '0.0.0.0' || hostname === '::') return `http://localhost:${port}`
  return hostname.includes(':') ? `http://[${hostname}]:${port}` : `http://${hostname}:${port}`
}

function refusal(error: NodeJS.ErrnoException, port: number, hostname: string): Error {
  const cause = { cause: error }
  if (error.code === 'EADDRINUSE') {
    return new StartRefused(`Port ${port} is taken`, 'Stop what listens there, or set PORT to a free one', cause)
  }
  if (error.code === 'EACCES') {
    return new StartRefused(`Port ${port} may not be used by this user`, 'Set PORT to one above 1023', cause)
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new StartRefused(`This machine has no address "${hostname}"`, 'Listen on 127.0.0.1 or 0.0.0.0', cause)
  }
  return error
}
