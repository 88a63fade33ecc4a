import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { Events, type Event } from '../src/events.js'
import type { Handler, HandlerFunction } from '../src/handler.js'
import type { ServedBackend } from '../src/server/served-backend.js'
import type { SignalSource } from '../src/server/signals.js'

/** A backend whose database only keeps count, for tests of the server around it. */
export function countingBackend(overrides: Partial<ServedBackend['database']> = {}) {
  const calls: string[] = []
  const seen: Event[] = []
  const events = new Events()
  events.observe((event) => void seen.push(event))
  const backend: ServedBackend = {
    events,
    database: {
      open: async () => void calls.push('open'),
      ping: async () => void calls.push('ping'),
      close: async () => void calls.push('close'),
      ...overrides,
    },
  }
  return { backend, calls, seen }
}

/** A handler with the facts that `endpoint()` leaves on one. */
export function guarded(handler: HandlerFunction, facts: Record<string, unknown> = { unowned: 'a test' }): Handler {
  const own: HandlerFunction = (request, context) => handler(request, context)
  return Object.defineProperty(own, Symbol.for('postern.endpoint'), { value: { kind: 'endpoint', ...facts } })
}

/** Answers its params and path, so that a test sees what a handler would. */
export const echo = guarded(async (request, context) =>
  Response.json({ params: await context?.params, path: new URL(request.url).pathname, method: request.method }),
)

/** Sends bytes as they are: what `fetch()` would tidy up (dot segments, double slashes) must arrive untidied. */
export function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

export function rawGet(port: number, target: string, method = 'GET'): Promise<string> {
  return rawRequest(port, `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
}

/** Stands in for the process whose signals a server listens to. */
export class Signals extends EventEmitter implements SignalSource {
  readonly exits: number[] = []
  exit(code: number): void {
    this.exits.push(code)
    this.emit('ended')
  }
  ended(): Promise<unknown> {
    return once(this, 'ended')
  }
}
