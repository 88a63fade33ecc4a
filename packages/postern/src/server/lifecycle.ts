/**
 * Where a server is in its life, and what it is still doing. Answers carry `connection: close` from the moment it stops,
 * so that a client with a kept connection turns to another instance.
 */
export class Lifecycle {
  #phase: 'starting' | 'ready' | 'stopping'
  #running = 0
  #whenIdle: (() => void)[] = []

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
    this.#running += 1
    work.then(this.#settled, this.#settled)
    return work
  }

  /** Settles when nothing runs any more. A client that left does not end its handler, and that may still write. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }

  readonly #settled = (): void => {
    this.#running -= 1
    if (this.#running > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }
}
