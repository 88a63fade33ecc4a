/** How many attempts may run at a time in this process: each holds a connection, and requests need some too. */
export class Turns {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  readonly #running = new Set<Promise<unknown>>()
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  get free(): number {
    return this.#most - this.#taken
  }

  /** Runs `work` when it has a turn. `undefined` where none came within `waitMs` milliseconds. */
  async run<T>(waitMs: number, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#turn(waitMs))) return undefined
    const running = work().finally(() => this.#leave())
    this.#remember(running.catch(() => {}))
    return running
  }

  /** What is left to do of an attempt that is over: it takes no turn, and is waited for as those that run. */
  beside(work: Promise<unknown>): void {
    this.#remember(work.catch(() => {}))
  }

  /** When all that run now have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  #remember(settled: Promise<unknown>): void {
    this.#running.add(settled)
    void settled.then(() => this.#running.delete(settled))
  }

  #turn(waitMs: number): Promise<boolean> {
    if (this.#taken < this.#most) {
      this.#taken += 1
      return Promise.resolve(true)
    }
    return new Promise((resolve) => {
      const take = () => {
        clearTimeout(timer)
        resolve(true)
      }
      const timer = setTimeout(() => {
        const at = this.#waiting.indexOf(take)
        if (at !== -1) this.#waiting.splice(at, 1)
        resolve(false)
      }, waitMs)
      this.#waiting.push(take)
    })
  }

  /** The turn is handed on, so that nobody who comes later is before those who wait. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken -= 1
    else next()
  }
}
