/**
 * Where a server is in its life, and what it is still doing. Answers carry `connection: close` from the moment it stops,
 * so that a client with a kept connection turns to another instance.
 */
export class Lifecycle {
  #phase: 'starting' | 'ready' | 'stopping'
  readonly #running = new Set<Promise<unknown>>()

  constructor(phase: 'starting' | 'ready' = 'ready') {
    this.#phase = phase
  }

  get phase(): 'starting' | 'ready' | 'stopping' {
    return this.#phase
  }

  become(phase: 'ready' | 'stopping'): void {
    this.#phase = phase
  }

  /** Counts a piece of work as running until it settles. */
  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => {}).finally(() => this.#running.delete(settled))
    this.#running.add(settled)
    return work
  }

  /** Settles when nothing runs any more. A client that left does not end its handler, and that may still write. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }
}
