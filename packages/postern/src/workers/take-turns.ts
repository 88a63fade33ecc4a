import { onHint } from './hints.js'

/** How a worker looks for work. */
export interface Turns {
  /** The worker's name, for hints. */
  readonly worker: string
  /**
   * One look, and what came of it: in how many milliseconds to look again, 0 for at once. It must hold no connection when it
   * has answered: the embedded database has one, and requests want it.
   */
  readonly turn: () => Promise<number>
  /** The longest time between two looks, in milliseconds: how late work of another process may be found. */
  readonly everyMs: number
  /** Hears of a look that failed; the next ones come ever later, up to `MOST_MS`. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Looks again and again, one look at a time, until it is stopped. Between two looks a timer is all there is, so that an idle
 * process stays idle. The answer stops it, and settles when the look that runs has ended.
 */
export function takeTurns(turns: Turns): () => Promise<void> {
  const taking = new Taking(turns)
  const stopListening = onHint(turns.worker, () => taking.hear())
  const ended = taking.run()
  return async () => {
    stopListening()
    taking.stop()
    await ended
  }
}

class Taking {
  readonly #turns: Turns
  #stopped = false
  #hinted = false
  #failures = 0
  #wake: (() => void) | undefined

  constructor(turns: Turns) {
    this.#turns = turns
  }

  hear(): void {
    this.#hinted = true
    // A database that is away is not asked more often because of work that nobody could have stored.
    if (this.#failures === 0) this.#wake?.()
  }

  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      this.#hinted = false
      const ms = await this.#look()
      if (ms > 0 && !this.#stopped && !(this.#hinted && this.#failures === 0)) await this.#wait(ms)
    }
  }

  async #look(): Promise<number> {
    const { turn, everyMs, onFailure } = this.#turns
    try {
      const ms = Math.min(await turn(), everyMs)
      this.#failures = 0
      return ms
    } catch (error) {
      this.#failures += 1
      onFailure(error)
      return Math.min(MOST_MS, FIRST_MS * 2 ** (this.#failures - 1))
    }
  }

  async #wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}

const FIRST_MS = 500
const MOST_MS = 30_000
