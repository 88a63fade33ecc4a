import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { LARGE_BYTES } from './target.js'

export type Slowness = 'headers' | 'bodies' | 'readers'

export interface SlowOptions {
  readonly kind: Slowness
  readonly clients: number
  readonly port: number
  /** How long the server lets such a client be, in milliseconds. */
  readonly limitMs: number
  /** When we give up waiting for the server to end them. */
  readonly patienceMs: number
  readonly onProgress?: (open: number) => void
}

export interface SlowResult {
  readonly clients: number
  /** From the opening of a connection to its end, the longest, in milliseconds; `null` where some were never ended. */
  readonly longestMs: number | null
  readonly stillOpen: number
  /** Honest requests meanwhile: how many, how many went wrong, and how long they took. */
  readonly honest: { readonly sent: number; readonly failed: number; readonly p50Ms: number; readonly p99Ms: number }
  /** What those that were ended had been told, by status; of readers whether they got the answer after all. */
  readonly told: Readonly<Record<string, number>>
}

const HEAD: Readonly<Record<Slowness, string>> = {
  headers: 'GET /probe/1 HTTP/1.1\r\nHost: localhost\r\n',
  bodies:
    'POST /strict HTTP/1.1\r\nHost: localhost\r\nX-Test-User: alice\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{',
  readers: 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n',
}
const DRIP: Readonly<Record<Slowness, string | null>> = { headers: 'X: 1\r\n', bodies: ' ', readers: null }

/** Holds connections open for as long as the server lets it, while honest clients go on asking. */
export async function slowClients(options: SlowOptions): Promise<SlowResult> {
  const { kind, clients, port } = options
  const told: Record<string, number> = {}
  const open = new Set<() => void>()
  let longestMs = 0
  const honest = askHonestly(port)
  for (let started = 0; started < clients; started += 1) {
    const began = performance.now()
    const socket = connect(port, '127.0.0.1', () => socket.write(HEAD[kind]))
    // A byte now and then, as often as it takes not to look idle.
    const drip = DRIP[kind]
    const timer = drip === null ? undefined : setInterval(() => socket.write(drip), options.limitMs / 5)
    let status = 'none'
    socket.setEncoding('latin1').once('data', (text: string) => {
      status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'garbage'
      // The reader who stops reading; it looks again only when we give up on it.
      if (kind === 'readers') socket.pause()
    })
    const drop = () => socket.destroy()
    open.add(drop)
    socket.on('error', () => {})
    socket.once('close', () => {
      clearInterval(timer)
      open.delete(drop)
      if (kind === 'readers') status = socket.bytesRead > LARGE_BYTES ? 'whole' : 'cut off'
      told[status] = (told[status] ?? 0) + 1
      longestMs = Math.max(longestMs, performance.now() - began)
    })
    if (started % 50 === 49) await pause(5)
    // A paused socket does not hear that it was closed until it reads on; one that was kept gets all of the answer then.
    // What the kernel takes at first begins the server's limit anew, once.
    if (kind === 'readers') setTimeout(() => socket.resume(), 2 * options.limitMs + 10_000).unref()
  }
  const deadline = performance.now() + options.patienceMs
  while (open.size > 0 && performance.now() < deadline) {
    options.onProgress?.(open.size)
    await pause(100)
  }
  const stillOpen = open.size
  const asked = await honest.stop()
  open.forEach((drop) => drop())
  return { clients, longestMs: stillOpen === 0 ? Math.round(longestMs) : null, stillOpen, honest: asked, told }
}

/** A request after the other, each on a connection of its own, until it is told to stop. */
function askHonestly(port: number) {
  const took: number[] = []
  let failed = 0
  const stopping = new AbortController()
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      const began = performance.now()
      const right = await fetch(`http://127.0.0.1:${port}/probe/7`, { headers: { connection: 'close' } }).then(
        async (response) => (await response.text()) === '{"probe":"7"}',
        () => false,
      )
      if (!right) failed += 1
      took.push(performance.now() - began)
      await pause(20)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await asking
      const sorted = took.sort((a, b) => a - b)
      const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
      return { sent: sorted.length, failed, p50Ms: at(0.5), p99Ms: at(0.99) }
    },
  }
}
