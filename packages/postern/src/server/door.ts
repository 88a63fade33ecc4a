import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Events } from '../events.js'
import { applyCors } from '../http/cors.js'
import { newRequestId } from '../http/request-id.js'
import { applySecurityHeaders } from '../http/security-headers.js'
import { problems } from '../problems.js'
import { isHealthPath } from './health.js'
import type { ServedBackend } from './served-backend.js'

/** What the door looks at before it lets a request in. */
interface Surroundings {
  readonly backend: Pick<ServedBackend, 'events' | 'cors'> & {
    readonly database: Pick<ServedBackend['database'], 'isCrowded'>
  }
  readonly trustProxy: number
  readonly isStopping: boolean
}

/**
 * Refuses requests that could only wait in vain, before any work is done for them. A server that takes on everything
 * works on what nobody waits for any more; one that says no within milliseconds goes on answering as many as it can.
 */
export class Door {
  readonly #here: Surroundings
  readonly #maxInFlight: number
  #refused = 0
  #timer: NodeJS.Timeout | undefined

  constructor(here: Surroundings, maxInFlight: number) {
    this.#here = here
    this.#maxInFlight = maxInFlight
  }

  /** Answers 503 where the request may not come in. `inFlight` counts this one too. */
  refuses(incoming: IncomingMessage, outgoing: ServerResponse, inFlight: number): boolean {
    if (inFlight <= this.#maxInFlight && this.#here.backend.database.isCrowded !== true) return false
    // Taken for dead while it is only busy, the instance would be restarted, and the others had its load too.
    if (isHealthPath(incoming.url)) return false
    const requestId = newRequestId(incoming.headers['x-request-id'], this.#here.trustProxy)
    outgoing.writeHead(unavailable.status, {
      ...HEADERS,
      ...this.#readableBy(incoming.headers.origin ?? null),
      ...(this.#here.isStopping ? CLOSE : {}),
      'x-request-id': requestId,
    })
    outgoing.end(`${BODY}${requestId}"}`)
    this.#tell(this.#here.backend.events)
    return true
  }

  /** A page that may not read the refusal sees a network that is broken, and not a server that asks it to wait. */
  #readableBy(origin: string | null): Readonly<Record<string, string>> {
    const { cors } = this.#here.backend
    if (cors == null) return {}
    const headers = new Headers()
    applyCors(headers, origin, cors)
    return Object.fromEntries(headers)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /** A line for each refusal would be work of its own, at the worst of times. */
  #tell(events: Events): void {
    this.#refused += 1
    if (this.#timer !== undefined) return
    const report = () => {
      events.emit({ type: 'server.overloaded', refused: this.#refused })
      this.#refused = 0
      this.#timer = setTimeout(() => {
        this.#timer = undefined
        if (this.#refused > 0) report()
      }, TELL_EVERY_MS).unref()
    }
    report()
  }
}

const TELL_EVERY_MS = 10_000

const { unavailable } = problems
const DOCUMENT = {
  type: 'urn:postern:problem:unavailable',
  title: unavailable.title,
  status: unavailable.status,
  code: 'unavailable',
}
const BODY = `${JSON.stringify(DOCUMENT).slice(0, -1)},"requestId":"`
const CLOSE = { connection: 'close' }
const HEADERS = refusalHeaders()

/** Made once: at three times what a server can do, each microsecond of a refusal is taken from an answer. */
function refusalHeaders(): Readonly<Record<string, string>> {
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': '1',
  })
  applySecurityHeaders(headers, { secure: false })
  return Object.fromEntries(headers)
}
