import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** One answer, or what came instead of it. */
export interface Answered {
  /** 0 where the connection broke before an answer. */
  readonly status: number
  /** From the moment the request was due, so that a client which falls behind does not flatter the server. */
  readonly ms: number
  /** When it was due, in milliseconds from the beginning. */
  readonly at: number
  readonly retryAfter: boolean
}

export interface OpenLoop {
  readonly port: number
  /** Requests a second, sent by schedule, whether or not earlier ones were answered. */
  readonly rate: number
  readonly seconds: number
  /** The bytes of the n-th request. */
  readonly request: (n: number) => string
  /** The most connections at a time; fewer than a kernel holds for a listener (511), or it makes them wait for seconds. */
  readonly connections?: number
  readonly signal?: AbortSignal
}

/** Sends by the clock: a closed loop would wait with the server, and never overload it. */
export async function openLoop(options: OpenLoop): Promise<Answered[]> {
  const { port, rate, seconds, request, connections = 400, signal } = options
  const wires = new Wires(port, connections)
  const answers: Promise<Answered>[] = []
  const began = performance.now()
  const total = Math.round(rate * seconds)
  const isStopped = () => signal?.aborted === true
  while (answers.length < total && !isStopped()) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1_000) * rate))
    while (answers.length < due) {
      const at = (answers.length / rate) * 1_000
      answers.push(wires.send(request(answers.length), began, at))
    }
    await pause(1)
  }
  const all = await Promise.all(answers)
  wires.close()
  return all
}

/** As many at a time as there are `clients`, each sending its next request when it has its answer: finds the peak. */
export async function closedLoop(
  options: Omit<OpenLoop, 'rate' | 'connections'> & { clients: number },
): Promise<Answered[]> {
  const { port, seconds, request, clients, signal } = options
  const wires = new Wires(port, clients)
  const began = performance.now()
  const all: Answered[] = []
  const isStopped = () => signal?.aborted === true
  const client = async () => {
    while (performance.now() - began < seconds * 1_000 && !isStopped()) {
      all.push(await wires.send(request(all.length), began, performance.now() - began))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  wires.close()
  return all
}

/** Kept connections, each with one request on its way at a time. */
class Wires {
  readonly #port: number
  readonly #most: number
  readonly #idle: { readonly wire: Wire; readonly since: number }[] = []
  readonly #queue: ((wire: Wire) => void)[] = []
  #open = 0

  constructor(port: number, most: number) {
    this.#port = port
    this.#most = most
  }

  async send(bytes: string, began: number, at: number): Promise<Answered> {
    const wire = this.#take() ?? (await new Promise<Wire>((resolve) => this.#queue.push(resolve)))
    const { status, retryAfter } = await wire.send(bytes)
    const ms = performance.now() - began - at
    this.#giveBack(wire)
    return { status, retryAfter, ms, at }
  }

  #take(): Wire | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      // The server closes after five seconds; a client that is careful does so before.
      if (idle.wire.isOpen && performance.now() - idle.since < 3_000) return idle.wire
      idle.wire.close()
      this.#open -= 1
    }
    if (this.#open >= this.#most) return undefined
    this.#open += 1
    return new Wire(this.#port)
  }

  #giveBack(wire: Wire): void {
    const next = this.#queue.shift()
    if (next === undefined) this.#idle.push({ wire, since: performance.now() })
    else next(wire.isOpen ? wire : new Wire(this.#port))
  }

  close(): void {
    for (const { wire } of this.#idle) wire.close()
  }
}

interface Head {
  readonly status: number
  readonly retryAfter: boolean
}

/** One connection that reads as much HTTP as the measurement needs: `fetch()` costs more than the server it measures. */
class Wire {
  readonly #socket: Socket
  #buffer = ''
  #settle: ((head: Head) => void) | undefined
  isOpen = true

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1')
    this.#socket.on('data', (chunk: string) => this.#read(chunk))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.isOpen = false
      this.#done({ status: 0, retryAfter: false })
    })
  }

  send(bytes: string): Promise<Head> {
    return new Promise((resolve) => {
      this.#settle = resolve
      if (this.isOpen) this.#socket.write(bytes)
      else this.#done({ status: 0, retryAfter: false })
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    this.#buffer += chunk
    const end = this.#buffer.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#buffer.slice(0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    const isWhole = Number.isNaN(length) ? this.#buffer.endsWith('0\r\n\r\n') : this.#buffer.length >= end + 4 + length
    if (!isWhole) return
    this.#buffer = ''
    if (/\r\nconnection: close/i.test(head)) this.isOpen = false
    this.#done({ status: Number(head.slice(9, 12)), retryAfter: /\r\nretry-after:/i.test(head) })
  }

  #done(head: Head): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(head)
  }
}

/** The bytes of one request. */
export function httpRequest(method: string, path: string, token: string, body?: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n`
  if (body === undefined) return `${head}\r\n`
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** The value that the share `p` of them does not exceed. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0
}
