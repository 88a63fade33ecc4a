import type { Server } from 'node:http'
import { connect, type DropArgument, Server as NetServer, type Socket } from 'node:net'
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
  await stopAccepting(server, connections, giveUp.signal)
  await whileNotAborted(giveUp.signal, async () => {
    await pause(POLL_MS)
    // A timer that is late fires before the sockets have been looked at: a request may have come meanwhile.
    await nextTurn()
    connections.closeIdle(QUIET_MS)
    return connections.open > 0
  })
  connections.closeAll()
  await Promise.race([lifecycle.idle(), aborted(giveUp.signal)])
  clearTimeout(limit)
  await closeDatabase()
}

// The first pause comes before the first idle connection is closed: what a client had sent already is read meanwhile.
const POLL_MS = 20

// Closing crosses with a request that was sent in that moment. A client that spoke just now may well be about to; of 3,512
// requests under fifty stops one was lost without this. Its next answer tells it to go elsewhere.
const QUIET_MS = 200

/**
 * `http.Server#close` would cut idle connections in the same tick, with a request perhaps unread in the kernel, and reset
 * every connection that the kernel has taken for us already. libuv takes one of those a turn, so it gets its turns first.
 */
async function stopAccepting(server: Server, connections: Connections, giveUp: AbortSignal): Promise<void> {
  await takeAllBefore(server, giveUp)
  // More come all the time; of those that come now, as few as can be shall find the door closing.
  const limit = performance.now() + LATECOMERS_MS
  let before: number
  do {
    before = connections.taken
    for (let turn = 0; turn < 3; turn++) await nextTurn()
  } while (connections.taken > before && performance.now() < limit)
  if (server.listening) NetServer.prototype.close.call(server)
}

const LATECOMERS_MS = 250

/**
 * The kernel gives connections out in the order in which they came: one of our own stands at the end of the queue, and when it
 * has been taken, so have all before it. No time limit would do, as on a busy machine a turn lasts as long as it likes. Where there
 * are as many connections as may be, it is taken and dropped.
 */
async function takeAllBefore(server: Server, giveUp: AbortSignal): Promise<void> {
  const address = server.address()
  if (address === null || typeof address === 'string') return
  const taken = new Set<number | undefined>()
  const take = (socket: Socket) => void taken.add(socket.remotePort)
  const drop = (dropped?: DropArgument) => void taken.add(dropped?.remotePort)
  server.on('connection', take)
  server.on('drop', drop)
  const last = connect(address.port, LOOPBACK[address.address] ?? address.address)
  const failed = new AbortController()
  last.on('error', () => failed.abort())
  const over = AbortSignal.any([giveUp, failed.signal])
  while (!over.aborted && (last.connecting || !taken.has(last.localPort))) await nextTurn()
  server.off('connection', take)
  server.off('drop', drop)
  last.destroy()
}

/** Every address is none to connect to. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

async function whileNotAborted(signal: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && (await step()));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
