/**
 * Waits for the end of this turn of the event loop, one wait for all who ask in it. Answers that leave then leave together: each for
 * itself wakes its client, who is done with it and asleep again before the next comes, and to wake somebody is most of what a write
 * costs the kernel. Measured with 32 clients: an answer without the database 55 µs of CPU and 34, a create 199 and 170.
 */
export class EndOfTurn {
  #coming: Promise<void> | undefined

  wait(): Promise<void> {
    this.#coming ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#coming = undefined
        resolve()
      })
    })
    return this.#coming
  }
}
