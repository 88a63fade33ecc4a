import { AsyncLocalStorage } from 'node:async_hooks'

interface Level {
  /** Whose it is: code inside the savepoint of one database may begin one of another. */
  readonly of: Savepoints
  /** What this code runs inside of, whoever's that is; `undefined` at the top. */
  readonly around: Level | undefined
  readonly depth: number
  /** How many savepoints inside this one are at work or wait for it. */
  open: number
  /** The savepoint inside this one that is still at work. */
  inner: Promise<unknown>
}

/**
 * Savepoints are a stack, and code that runs side by side is a tree: a savepoint opened beside another one waits for it (releasing
 * the outer of two releases both), one opened within another goes ahead.
 */
export class Savepoints {
  readonly #send: (text: string) => Promise<unknown>
  /** One for all: Node keeps every storage that was ever entered, and asks each of them at each promise. */
  static readonly #here = new AsyncLocalStorage<Level>()
  readonly #top: Level = { of: this, around: undefined, depth: 0, open: 0, inner: Promise.resolve() }

  constructor(send: (text: string) => Promise<unknown>) {
    this.#send = send
  }

  within<T>(work: () => Promise<T>): Promise<T> {
    const level = this.#level()
    level.open += 1
    const result = level.inner.then(() => this.#run(level.depth + 1, work)).finally(() => (level.open -= 1))
    level.inner = result.catch(() => {})
    return result
  }

  /**
   * Runs a statement that stands beside the savepoints of its level, not between the ends of one: it would be undone with what is
   * not its own, after its caller heard that it had been done.
   */
  async beside<T>(statement: () => Promise<T>): Promise<T> {
    const level = this.#level()
    while (level.open > 0) await level.inner
    return statement()
  }

  /** The innermost of our own levels that this code runs in. */
  #level(): Level {
    let level = Savepoints.#here.getStore()
    while (level !== undefined && level.of !== this) level = level.around
    return level ?? this.#top
  }

  async #run<T>(depth: number, work: () => Promise<T>): Promise<T> {
    const name = `postern_${depth}`
    await this.#send(`savepoint ${name}`)
    let result: T
    try {
      // Awaited inside: a query of Drizzle runs when it is awaited, and out here it would wait for this savepoint for ever.
      const inside: Level = { of: this, around: Savepoints.#here.getStore(), depth, open: 0, inner: Promise.resolve() }
      result = await Savepoints.#here.run(inside, async () => await work())
    } catch (error) {
      // The request may be over by now; the error of the work is the one that tells why.
      await this.#send(`rollback to savepoint ${name}`).catch(() => {})
      throw error
    }
    await this.#send(`release savepoint ${name}`)
    return result
  }
}
