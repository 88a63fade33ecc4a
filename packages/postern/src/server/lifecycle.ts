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

  /** One more is being worked on, until `end()` is called for it. */
  begin(): void {
    this.#running += 1
  }

  end(): void {
    this.#running -= 1
    if (this.#running > 0) return
    for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  /** Settles when nothing runs any more. A client that left does not end its handler, and that may still write. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve))
  }
}
