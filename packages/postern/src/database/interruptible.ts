import type { HeldConnection } from './connections.js'
import type { Statement, StatementResult } from './statement.js'
import type { Stop } from './stop.js'

interface Flight {
  readonly held: HeldConnection
  readonly giveUp: (reason: unknown) => void
}

/**
 * Sends batches that a signal can interrupt: the caller hears at once, PostgreSQL is asked to stop. To what waits for a connection it is
 * that signal: a listener for each statement would be more than Node lets an `AbortSignal` have without a warning.
 */
export class Interruptible implements Stop {
  readonly #signal: Stop | undefined
  readonly #flights: Flight[] = []
  readonly #waiting: (() => void)[] = []
  #listening = false
  #disposed = false

  constructor(signal: Stop | undefined) {
    this.#signal = signal
  }

  get aborted(): boolean {
    return this.#signal?.aborted === true
  }

  get reason(): unknown {
    return this.#signal?.reason
  }

  /** How many batches are on their way. */
  get size(): number {
    return this.#flights.length
  }

  throwIfAborted(): void {
    this.#signal?.throwIfAborted()
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#waiting.push(listener)
    this.#listen()
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    const at = this.#waiting.indexOf(listener)
    if (at !== -1) this.#waiting.splice(at, 1)
    if (this.#disposed) this.#deafen()
  }

  send(held: HeldConnection, batch: readonly Statement[]): Promise<StatementResult[]> {
    return new Promise((resolve, reject) => {
      this.throwIfAborted()
      this.#listen()
      const flight: Flight = { held, giveUp: reject }
      this.#flights.push(flight)
      // Landed before anybody hears of it: whoever closes the unit then must not find it on its way.
      const landed = <T>(settle: (outcome: T) => void) => {
        return (outcome: T) => {
          this.#flights.splice(this.#flights.indexOf(flight), 1)
          return settle(outcome)
        }
      }
      held.batch(batch).then(landed(resolve), landed(reject))
    })
  }

  /**
   * Listens no more. Whoever is told of the abort first may close the unit, and with it this, before it would be told: then what
   * is on its way is given up here, or a connection that never answers would be held for ever.
   */
  dispose(): void {
    if (this.aborted) this.#stop()
    this.#disposed = true
    this.#deafen()
  }

  /** Whoever still waits for a connection is told when the time is up, closed or not. */
  #deafen(): void {
    if (!this.#listening || this.#waiting.length > 0) return
    this.#listening = false
    this.#signal?.removeEventListener('abort', this.#stop)
  }

  #listen(): void {
    if (this.#listening || this.#signal === undefined) return
    this.#listening = true
    this.#signal.addEventListener('abort', this.#stop)
  }

  /** Gives up whatever is on its way, for the signal's reason where it has one. */
  stop(reason: unknown): void {
    for (const { held, giveUp } of this.#flights) {
      held.cancel()
      giveUp(this.aborted ? this.#signal?.reason : reason)
    }
  }

  readonly #stop = (): void => {
    this.stop(undefined)
    for (const leave of this.#waiting.slice()) leave()
  }
}
