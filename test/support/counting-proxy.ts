import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A wire between a client and PostgreSQL that counts what goes over it. */
export interface CountingProxy {
  /** The URL given, led through the proxy. */
  readonly url: string
  /** How often PostgreSQL was asked for an answer: by Sync, or by a simple query. */
  count(work: () => Promise<unknown>): Promise<number>
  readonly port: number
  close(): Promise<void>
}

/** `delayMs` holds every answer back, as a database further away would. */
export async function countingProxy(url: string, delayMs = 0): Promise<CountingProxy> {
  const target = new URL(url)
  let asked = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const counter = new MessageCounter()
    for (const socket of [client, upstream]) {
      sockets.add(
        socket
          .setNoDelay(true)
          .on('error', () => {})
          .on('close', () => sockets.delete(socket)),
      )
    }
    client.on('data', (chunk) => {
      asked += counter.take(chunk)
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) =>
      delayMs === 0 ? void client.write(chunk) : void setTimeout(() => client.write(chunk), delayMs),
    )
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  const { port } = server.address() as AddressInfo
  through.port = String(port)
  return {
    port,
    url: through.href,
    async count(work) {
      const before = asked
      await work()
      return asked - before
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Reads the frames a client sends: a startup message without a letter, then letter and length. */
class MessageCounter {
  #pending = Buffer.alloc(0)
  #started = false

  /** How many of the messages that this chunk completes ask for an answer. */
  take(chunk: Buffer): number {
    this.#pending = Buffer.concat([this.#pending, chunk])
    let asked = 0
    for (;;) {
      const head = this.#started ? 5 : 4
      if (this.#pending.length < head) return asked
      const end = this.#pending.readInt32BE(head - 4) + head - 4
      if (this.#pending.length < end) return asked
      if (this.#started && (this.#pending[0] === 0x53 || this.#pending[0] === 0x51)) asked += 1
      this.#started = true
      this.#pending = this.#pending.subarray(end)
    }
  }
}
