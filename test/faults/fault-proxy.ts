import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'

/** A wire between a backend and PostgreSQL that fails when it is told to. */
export interface FaultProxy {
  /** The URL given, led through the proxy. */
  readonly url: string
  /** How many connections are open through it. */
  readonly open: number
  /** Ends each connection after so many more bytes of PostgreSQL's answer: in the middle of a message. */
  cutAfter(bytes: number): void
  /** Ends each connection when it has asked for something, before the first byte of the answer. */
  cutAnswers(): void
  /** Ends the next connection alone that has asked for something, before the first byte of its answer. */
  loseAnswer(): void
  /** Resets what is open (RST), as a balancer does that has forgotten a connection. */
  reset(): void
  /** From now on no byte goes either way; new connections are taken and stay silent. */
  stall(): void
  /** What is open stays silent for good, as behind a firewall that has forgotten it; new connections are fine. */
  lose(): void
  /** From now on nobody is let in, and who is in is thrown out. */
  refuse(): void
  /** Passes on again, what was held back too. */
  heal(): void
  close(): Promise<void>
}

type Mode =
  | { readonly kind: 'pass' | 'stall' | 'refuse' | 'mute' | 'mute-one' }
  | { readonly kind: 'cut'; readonly bytes: number }

export async function faultProxy(url: string): Promise<FaultProxy> {
  const target = new URL(url)
  let mode: Mode = { kind: 'pass' }
  const pairs = new Set<Pair>()
  const server = createServer((client) => {
    if (mode.kind === 'refuse') return void client.resetAndDestroy()
    const pair = new Pair(client, connect(Number(target.port), target.hostname), {
      mode: () => mode,
      onLost: () => become({ kind: 'pass' }),
    })
    pairs.add(pair)
    client.once('close', () => pairs.delete(pair))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)
  const become = (next: Mode) => {
    mode = next
    for (const pair of pairs) pair.begin()
  }
  const reset = () => pairs.forEach((pair) => pair.reset())
  return {
    url: through.href,
    get open() {
      return pairs.size
    },
    cutAfter: (bytes) => become({ kind: 'cut', bytes }),
    cutAnswers: () => become({ kind: 'mute' }),
    loseAnswer: () => become({ kind: 'mute-one' }),
    reset,
    stall: () => become({ kind: 'stall' }),
    lose: () => pairs.forEach((pair) => pair.lose()),
    refuse() {
      become({ kind: 'refuse' })
      reset()
    },
    heal: () => become({ kind: 'pass' }),
    async close() {
      reset()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Wire {
  readonly mode: () => Mode
  /** The one answer that was to be lost is. */
  readonly onLost: () => void
}

class Pair {
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #wire: Wire
  readonly #held: [Socket, Buffer][] = []
  #answered = 0
  #lost = false

  constructor(client: Socket, upstream: Socket, wire: Wire) {
    this.#client = client.setNoDelay(true)
    this.#upstream = upstream.setNoDelay(true)
    this.#wire = wire
    client.on('error', () => {}).on('close', () => upstream.destroy())
    upstream.on('error', () => {}).on('close', () => client.destroy())
    client.on('data', (chunk) => this.#pass(upstream, chunk))
    upstream.on('data', (chunk) => this.#answer(chunk))
  }

  /** The mode has changed. */
  begin(): void {
    this.#answered = 0
    if (this.#wire.mode().kind !== 'pass') return
    for (const [to, chunk] of this.#held.splice(0)) to.write(chunk)
  }

  lose(): void {
    this.#lost = true
  }

  reset(): void {
    this.#client.resetAndDestroy()
    this.#upstream.destroy()
  }

  #pass(to: Socket, chunk: Buffer): void {
    if (this.#lost) return
    if (this.#wire.mode().kind === 'stall') this.#held.push([to, chunk])
    else to.write(chunk)
  }

  #answer(chunk: Buffer): void {
    if (this.#lost) return
    const mode = this.#wire.mode()
    if (mode.kind === 'mute') return this.reset()
    if (mode.kind === 'mute-one') {
      this.#wire.onLost()
      return this.reset()
    }
    if (mode.kind !== 'cut') return this.#pass(this.#client, chunk)
    const left = Math.max(0, mode.bytes - this.#answered)
    this.#answered += chunk.length
    if (chunk.length < left) return void this.#client.write(chunk)
    this.#client.write(chunk.subarray(0, left), () => this.reset())
  }
}
