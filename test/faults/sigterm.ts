import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { seeded } from '../support/seeded.js'
import { httpRequest } from './open-loop.js'
import type { ProcessOptions } from './server-process.js'
import { startProcess } from './start-process.js'

export interface Stop {
  /** Requests that were answered, by status. */
  readonly statuses: Readonly<Record<string, number>>
  /** Answers that came after the signal. */
  readonly answeredAfter: number
  /** Requests whose connection was taken, and that were not answered whole. */
  readonly lost: readonly string[]
  /** Connections that waited in the kernel when the listener closed: the server never saw them. */
  readonly untaken: number
  /** Connections that were refused: nobody listens any more, and a client may go elsewhere. */
  readonly refused: number
  readonly code: number | null
  readonly ms: number
}

export interface StopOptions {
  readonly process: ProcessOptions
  readonly token: string
  readonly seed: number
}

/** Stops a server while clients of every kind are at it, and looks for a request that it took and did not answer. */
export async function stopUnderLoad({ process: options, token, seed }: StopOptions): Promise<Stop> {
  const random = seeded(seed)
  const server = await startProcess(options)
  const state = new Clients(server.port, token, random)
  const clients = [
    ...Array.from({ length: 8 }, () => state.keptBusy()),
    ...Array.from({ length: 8 }, () => state.keptThinking()),
    ...Array.from({ length: 6 }, () => state.alwaysNew()),
    ...Array.from({ length: 4 }, () => state.slowBody()),
    ...Array.from({ length: 4 }, () => state.longRequest()),
  ]
  await pause(300 + random() * 300)
  state.stoppedAt = performance.now()
  const { code, ms, taken } = await server.stop()
  await Promise.all(clients)
  const { statuses, answeredAfter, unanswered, refused } = state
  const lost = unanswered.filter(({ port }) => taken.has(port)).map(({ what }) => what)
  return { statuses, answeredAfter, lost, untaken: unanswered.length - lost.length, refused, code, ms }
}

class Clients {
  readonly statuses: Record<string, number> = {}
  readonly unanswered: { readonly port: number; readonly what: string }[] = []
  answeredAfter = 0
  refused = 0
  stoppedAt = Infinity
  readonly #port: number
  readonly #token: string
  readonly #random: () => number

  constructor(port: number, token: string, random: () => number) {
    this.#port = port
    this.#token = token
    this.#random = random
  }

  /** One request after the other on one connection, and on a new one where the server closes it. */
  keptBusy = () => this.#kept('kept and busy', () => 0)
  /** The same, with pauses in which the connection is idle: it may be closed, but not with a request on its way. */
  keptThinking = () => this.#kept('kept and idle now and then', () => this.#random() * 150)

  async alwaysNew(): Promise<void> {
    while (await this.#one('new', (socket) => void socket.write(this.#read()))) await pause(this.#random() * 10)
  }

  /** The head first, and the body in pieces: its end may come long after the signal. */
  async slowBody(): Promise<void> {
    const body = JSON.stringify({ body: 'x'.repeat(300) })
    const whole = httpRequest('POST', '/notices', this.#token, body)
    const parts = [whole.slice(0, -200), whole.slice(-200, -100), whole.slice(-100)]
    const write = async (socket: Socket) => {
      for (const part of parts) {
        socket.write(part)
        await pause(60 + this.#random() * 60)
      }
    }
    while (await this.#one('slow body', write));
  }

  async longRequest(): Promise<void> {
    const bytes = httpRequest('GET', '/slow/300', this.#token)
    while (await this.#one('long', (socket) => void socket.write(bytes)));
  }

  async #kept(kind: string, think: () => number): Promise<void> {
    let socket: Socket | null = null
    for (;;) {
      socket ??= await this.#connected()
      if (socket === null) return
      const bytes =
        this.#random() < 0.7
          ? this.#read()
          : httpRequest('POST', '/by-function', this.#token, JSON.stringify({ body: kind }))
      if (!(await this.#ask(kind, socket, () => void socket!.write(bytes)))) socket = null
      await pause(think())
      // Closed while it was idle: a client looks before it writes.
      if (socket?.destroyed || socket?.readableEnded) socket = null
    }
  }

  /** False where nobody listens any more. */
  async #one(kind: string, write: (socket: Socket) => unknown): Promise<boolean> {
    const socket = await this.#connected()
    if (socket === null) return false
    await this.#ask(kind, socket, write)
    socket.destroy()
    return true
  }

  #read = () => httpRequest('GET', '/notices?limit=5', this.#token)

  async #connected(): Promise<Socket | null> {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    const error = await new Promise<string | null>((resolve) => {
      socket.once('connect', () => resolve(null))
      socket.once('error', (reason: NodeJS.ErrnoException) => resolve(reason.code ?? 'error'))
    })
    socket.on('error', () => {})
    if (error === null) return socket
    if (error === 'ECONNREFUSED') this.refused += 1
    else this.unanswered.push({ port: 0, what: `connecting: ${error}` })
    return null
  }

  /** Writes a request and waits for its whole answer. False where the connection is not to be used again. */
  async #ask(kind: string, socket: Socket, write: (socket: Socket) => unknown): Promise<boolean> {
    const port = socket.localPort ?? 0
    const sentAt = performance.now()
    let buffer = ''
    const whole = new Promise<string | null>((resolve) => {
      const read = (chunk: string) => {
        buffer += chunk
        const head = buffer.indexOf('\r\n\r\n')
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(buffer.slice(0, head))?.[1])
        const isWhole = Number.isNaN(length) ? buffer.endsWith('\r\n0\r\n\r\n') : buffer.length >= head + 4 + length
        if (head > 0 && isWhole) settle(buffer)
      }
      const closed = () => settle(null)
      const settle = (answer: string | null) => {
        socket.off('data', read).off('close', closed)
        resolve(answer)
      }
      socket.on('data', read).once('close', closed)
      if (socket.destroyed) closed()
    })
    await write(socket)
    const answer = await whole
    if (answer === null) {
      const after = Math.round(sentAt - this.stoppedAt)
      const what = `${kind}: sent ${after} ms after the signal, ${buffer === '' ? 'no answer' : 'half an answer'}`
      this.unanswered.push({ port, what })
      return false
    }
    if (performance.now() > this.stoppedAt) this.answeredAfter += 1
    const status = answer.slice(9, 12)
    this.statuses[status] = (this.statuses[status] ?? 0) + 1
    return !/\r\nconnection: close/i.test(answer)
  }
}
