/**
 * Tells a burst from a queue that does not get shorter. A burst is what the wait is for; a standing queue only makes everybody
 * late, so then no more than a handful may join it, and the others had better be told at once.
 *
 * Source: controlled delay, as in B. Maurer, "Fail at Scale" (ACM Queue 13:8, 2015), after CoDel (RFC 8289): what tells them
 * apart is whether the queue was ever empty of late, and not its length.
 */
export class Crowding {
  readonly #fewest: number
  readonly #now: () => number
  #waiting = 0
  #isStanding = false
  #windowBegan: number
  #lookedAt: number
  /** For how long nobody waited, in this window. */
  #emptyMs = 0

  /** `connections` is how many work the queue off; `now` is any clock that only goes forward, in milliseconds. */
  constructor(connections: number, now: () => number = () => performance.now()) {
    this.#fewest = Math.max(FEWEST, connections * PER_CONNECTION)
    this.#now = now
    this.#windowBegan = this.#lookedAt = now()
  }

  /** One more waits. The answer ends that, once. */
  enter(): () => void {
    this.#look()
    this.#waiting += 1
    let left = false
    return () => {
      if (left) return
      left = true
      this.#look()
      this.#waiting -= 1
    }
  }

  /** Whoever comes now would join a queue that has stood for a while and is long enough to keep every connection busy. */
  get isCrowded(): boolean {
    if (this.#waiting < this.#fewest) return false
    this.#look()
    return this.#isStanding
  }

  #look(): void {
    const now = this.#now()
    if (this.#waiting === 0) this.#emptyMs += now - this.#lookedAt
    this.#lookedAt = now
    const elapsed = now - this.#windowBegan
    if (elapsed < WINDOW_MS) return
    this.#isStanding = this.#emptyMs < elapsed * RARELY
    this.#windowBegan = now
    this.#emptyMs = 0
  }
}

// Long enough that what a page asks for at once is worked off, short enough that few wait in vain.
const WINDOW_MS = 200
const RARELY = 0.1
// A connection that becomes free must find somebody, whatever a turn of the event loop brings.
const PER_CONNECTION = 4
const FEWEST = 16
