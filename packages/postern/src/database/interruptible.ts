import type { HeldConnection } from './connections.js'
import type { Statement, StatementResult } from './statement.js'

interface Flight {
  readonly held: HeldConnection
  readonly giveUp: (reason: unknown) => void
}

/** Sends batches that a signal can interrupt: the caller hears at once, PostgreSQL is asked to stop. */
export class Interruptible {
  readonly #signal: AbortSignal | undefined
  readonly #flights = new Set<Flight>()
  #listening = false

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  get aborted(): boolean {
    return this.#signal?.aborted === true
  }

  /** How many batches are on their way. */
  get size(): number {
    return this.#flights.size
  }

  assertGoingOn(): void {
    this.#signal?.throwIfAborted()
  }

  async send(held: HeldConnection, batch: readonly Statement[]): Promise<StatementResult[]> {
    this.assertGoingOn()
    this.#listen()
    const { promise, reject } = withRejection()
    const flight: Flight = { held, giveUp: reject }
    this.#flights.add(flight)
    try {
      return await (this.#signal === undefined ? held.batch(batch) : Promise.race([held.batch(batch), promise]))
    } finally {
      this.#flights.delete(flight)
    }
  }

  dispose(): void {
    if (this.#listening) this.#signal?.removeEventListener('abort', this.#stop)
  }

  #listen(): void {
    if (this.#listening || this.#signal === undefined) return
    this.#listening = true
    this.#signal.addEventListener('abort', this.#stop, { once: true })
  }

  /** Gives up whatever is on its way, for the signal's reason where it has one. */
  stop(reason: unknown): void {
    for (const { held, giveUp } of this.#flights) {
      held.cancel()
      giveUp(this.aborted ? this.#signal?.reason : reason)
    }
  }

  readonly #stop = (): void => this.stop(undefined)
}

function withRejection(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject!: (reason: unknown) => void
  const promise = new Promise<never>((_, no) => (reject = no))
  // Without a signal nobody listens to it.
  promise.catch(() => {})
  return { promise, reject }
}
