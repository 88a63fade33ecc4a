import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Connections } from './connections.js'

interface Stopping {
  readonly server: Server
  readonly connections: Connections
  readonly lifecycle: { become(phase: 'stopping'): void; idle(): Promise<void> }
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
  await stopAccepting(server, connections)
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

/**
 * `http.Server#close` would cut idle connections in the same tick, with a request perhaps unread in the kernel, and reset
 * every connection that the kernel has taken for us already. libuv takes one of those a turn, so it gets its turns first.
 */
async function stopAccepting(server: Server, connections: Connections): Promise<void> {
  const limit = performance.now() + DRAIN_LIMIT_MS
  let before: number
  do {
    before = connections.taken
    for (let turn = 0; turn < 3; turn++) await nextTurn()
  } while (connections.taken > before && performance.now() < limit)
  if (server.listening) NetServer.prototype.close.call(server)
}

// Under a flood there is always one more; the balancer has been told by then.
const DRAIN_LIMIT_MS = 250

async function whileNotAborted(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await step()));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
