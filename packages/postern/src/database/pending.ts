import { type CallSite, callSite, lineOf } from './call-site.js'

/**
 * A statement that runs when it is awaited, and is missed when it never is. It is a promise to everyone who uses it;
 * a database operation that nobody awaits would otherwise be lost in silence.
 */
export class Pending<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'Pending'
  readonly #start: () => Promise<T>
  readonly #started: () => void
  #promise: Promise<T> | undefined

  constructor(start: () => Promise<T>, started: () => void) {
    this.#start = start
    this.#started = started
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what this class is about
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#run().then(fulfilled, rejected)
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.#run().catch(rejected)
  }

  finally(settled?: (() => void) | null): Promise<T> {
    return this.#run().finally(settled)
  }

  #run(): Promise<T> {
    if (this.#promise === undefined) {
      this.#started()
      this.#promise = this.#start()
    }
    return this.#promise
  }
}

/** An operation that was created, where lines are named with its place. */
interface Waiting {
  readonly what: string
  readonly site: CallSite | null
  readonly done: () => void
}

/** The operations of one request that were created and not yet awaited. */
export class Unawaited {
  readonly #waiting = new Set<Waiting>()
  readonly #namesLines: boolean

  /** @param namesLines remember where each was created: worth its cost outside production */
  constructor(namesLines: boolean) {
    this.#namesLines = namesLines
  }

  /** Remembers an operation until it is `done`: awaited. */
  add(what: string): Waiting {
    const waiting: Waiting = {
      what,
      site: this.#namesLines ? callSite() : null,
      done: () => void this.#waiting.delete(waiting),
    }
    this.#waiting.add(waiting)
    return waiting
  }

  /** One sentence a forgotten operation, with its line where that is known. */
  forgotten(): string[] {
    return [...this.#waiting].map(({ what, site }) => {
      const line = lineOf(site)
      return `${what} was created and neither awaited nor returned${line === null ? '' : `, at ${line}`}`
    })
  }
}
