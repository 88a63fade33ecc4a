import type { Event } from '../../packages/postern/src/events.js'

/** What a request set off. */
export interface Happened {
  /** Its function was called. */
  readonly called: boolean
  /** Its function was called with what its schema or a limit refuses. */
  readonly unfit: boolean
}

/** Listens to a backend and keeps, for each request, what happened, until somebody asks for it. */
export class Watch {
  readonly #happened = new Map<string, Happened>()
  received = 0
  answered = 0
  /** Answers of 500 and above, whoever was there to read them. */
  readonly failures: string[] = []
  readonly #abandoned = new Set<string>()
  /** How often a function got what it should not; counted here because on a broken connection nobody asks. */
  unfit = 0

  hear(event: Event): void {
    if (event.type === 'request.received') this.received += 1
    else if (event.type === 'function.called') this.#happened.set(event.requestId, { called: true, unfit: false })
    else if (event.type === 'request.abandoned') this.#abandoned.add(event.requestId)
    else if (event.type === 'request.answered') {
      this.answered += 1
      // Of a client that left the log says 503, and nobody reads it.
      const isAbandoned = this.#abandoned.delete(event.requestId)
      if (event.status >= 500 && !isAbandoned) this.failures.push(`${event.method} ${event.path} ${event.status}`)
    }
  }

  /** A function was reached, and what it got fits or does not. */
  reached(requestId: string, fits: boolean): void {
    if (fits) return
    this.unfit += 1
    this.#happened.set(requestId, { called: true, unfit: true })
  }

  take(requestId: string): Happened {
    const happened = this.#happened.get(requestId)
    this.#happened.delete(requestId)
    return happened ?? { called: false, unfit: false }
  }
}
