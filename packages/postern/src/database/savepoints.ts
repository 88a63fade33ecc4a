import { AsyncLocalStorage } from 'node:async_hooks'

interface Level {
  readonly depth: number
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
  readonly #top: Level = { depth: 0, inner: Promise.resolve() }

  constructor(send: (text: string) => Promise<unknown>) {
    this.#send = send
  }

  within<T>(work: () => Promise<T>): Promise<T> {
    const level = Savepoints.#here.getStore() ?? this.#top
    const result = level.inner.then(() => this.#run(level.depth + 1, work))
    level.inner = result.catch(() => {})
    return result
  }

  async #run<T>(depth: number, work: () => Promise<T>): Promise<T> {
    const name = `postern_${depth}`
    await this.#send(`savepoint ${name}`)
    let result: T
    try {
      result = await Savepoints.#here.run({ depth, inner: Promise.resolve() }, work)
    } catch (error) {
      // The request may be over by now; the error of the work is the one that tells why.
      await this.#send(`rollback to savepoint ${name}`).catch(() => {})
      throw error
    }
    await this.#send(`release savepoint ${name}`)
    return result
  }
}
