import type { HeldConnection } from './connections.js'
import type { Statement, StatementResult } from './statement.js'
import type { Stop } from './stop.js'

interface Flight {
  readonly held: HeldConnection
  readonly giveUp: (reason: unknown) => void
}

/** Sends batches that a signal can interrupt: the caller hears at once, PostgreSQL is asked to stop. */
export class Interruptible {
  readonly #signal: Stop | undefined
  readonly #flights: Flight[] = []
  #listening = false

  constructor(signal: Stop | undefined) {
    this.#signal = signal
  }

  get aborted(): boolean {
    return this.#signal?.aborted === true
  }

  /** How many batches are on their way. */
  get size(): number {
    return this.#flights.length
  }

  assertGoingOn(): void {
    this.#signal?.throwIfAborted()
  }

  send(held: HeldConnection, batch: readonly Statement[]): Promise<StatementResult[]> {
    return new Promise((resolve, reject) => {
      this.assertGoingOn()
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
    if (this.#listening) this.#signal?.removeEventListener('abort', this.#stop)
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

  readonly #stop = (): void => this.stop(undefined)
}
