/** What has been started and must not outlive the benchmark, however it ends. */
export class Started {
  readonly #stops: (() => Promise<unknown>)[] = []

  /** Remembers how to stop something; the answer is the same thing. */
  add<T extends { stop(): Promise<unknown> }>(thing: T): T {
    this.#stops.push(() => thing.stop())
    return thing
  }

  /** Stops everything, the youngest first; stopping something twice is no harm. */
  async stopAll(): Promise<void> {
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      // One that breaks while it stops must not keep the others running.
      await stop().catch(() => {})
    }
  }
}
