import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Connections } from './connections.js'
import type { Lifecycle } from './lifecycle.js'

interface Stopping {
  readonly server: Server
  readonly connections: Connections
  readonly lifecycle: Lifecycle
  /** How long requests may go on, in milliseconds. */
  readonly graceMs: number
  readonly closeDatabase: () => Promise<void>
}

/**
 * Stops a server so that no accepted request fails: turn unready, accept nothing new, let go of idle connections, let
 * requests finish for at most `graceMs`, and close the database last of all.
 */
export async function stopServer({ server, connections, lifecycle, graceMs, closeDatabase }: Stopping): Promise<void> {
  lifecycle.become('stopping')
  const giveUp = new AbortController()
  const limit = setTimeout(() => giveUp.abort(), graceMs)
  await stopAccepting(server)
  await whileNotAborted(giveUp.signal, async () => {
    await pause(POLL_MS)
    connections.closeIdle()
    return connections.open > 0
  })
  connections.closeAll()
  await Promise.race([lifecycle.idle(), aborted(giveUp.signal)])
  clearTimeout(limit)
  await closeDatabase()
}

// The first pause comes before the first idle connection is closed: what a client had sent already is read meanwhile.
const POLL_MS = 20

/** `http.Server#close` would cut idle connections in the same tick, with a request perhaps unread in the kernel. */
async function stopAccepting(server: Server): Promise<void> {
  if (server.listening) NetServer.prototype.close.call(server)
}

async function whileNotAborted(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await step()));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
