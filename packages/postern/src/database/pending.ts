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

/** The operations of one request that were created and not yet awaited. */
export class Unawaited {
  readonly #waiting = new Map<object, { readonly what: string; readonly place: Error | null }>()
  readonly #namesLines: boolean

  /** @param namesLines remember where each was created: worth its cost outside production */
  constructor(namesLines: boolean) {
    this.#namesLines = namesLines
  }

  /** Remembers an operation; call the answer when it is awaited. */
  add(what: string): () => void {
    const key = {}
    this.#waiting.set(key, { what, place: this.#namesLines ? new Error('created here') : null })
    return () => void this.#waiting.delete(key)
  }

  /** One sentence a forgotten operation, with its line where that is known. */
  forgotten(): string[] {
    return [...this.#waiting.values()].map(
      ({ what, place }) => `${what} was created and neither awaited nor returned${lineOf(place)}`,
    )
  }
}

/** The first line of the user's own in a stack: not this package's, not Node's. */
function lineOf(place: Error | null): string {
  // Some loaders write a URL into a stack, others a path.
  const own = import.meta.url.replace('file://', '').replace(/\/database\/pending\.[jt]s.*$/, '/')
  const lines = place?.stack?.split('\n').slice(1) ?? []
  const user = lines.find((line) => !line.includes(own) && !line.includes('node:') && !line.includes('/node_modules/'))
  const at = user === undefined ? undefined : /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(user.trim())?.[1]
  return at === undefined ? '' : `, at ${at.replace('file://', '')}`
}
