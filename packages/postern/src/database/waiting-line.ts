import { performance } from 'node:perf_hooks'
import type { Stop } from './stop.js'

/** One who waits for a client of type `T`. */
export interface Waiter<T> {
  readonly receive: (given: T) => void
  readonly refuse: (reason: unknown) => void
  /** It may share what it gets with others of whom this is said. */
  readonly rides: boolean
  /** What tells that it wants nothing any more. */
  readonly stop: Stop | undefined
}

interface Place<T> {
  readonly waiter: Waiter<T>
  readonly until: number
  readonly left: () => void
  readonly stopped: () => void
}

/**
 * Those who wait, in the order in which they came, each for a while at most. One alarm serves all: a timer for each costs more than
 * all else that waiting does.
 */
export class WaitingLine<T> {
  readonly #places = new Set<Place<T>>()
  readonly #tooLate: () => unknown
  #alarm: NodeJS.Timeout | undefined
  #alarmAt = 0

  /** @param tooLate why one who waited long enough gets nothing */
  constructor(tooLate: () => unknown) {
    this.#tooLate = tooLate
  }

  get size(): number {
    return this.#places.size
  }

  /** @param left called once it waits no longer, for whatever reason */
  enter(waiter: Waiter<T>, waitMs: number, left: () => void): void {
    const { stop } = waiter
    const stopped = () => {
      this.#dismiss(place)
      waiter.refuse(stop?.reason)
    }
    const place: Place<T> = { waiter, until: performance.now() + waitMs, left, stopped }
    this.#places.add(place)
    stop?.addEventListener('abort', stopped)
    this.#wake(place.until, waitMs)
  }

  /** Whoever came first, who then waits no longer. */
  next(): Waiter<T> | undefined {
    for (const place of this.#places) return this.#dismiss(place)
    return undefined
  }

  /** Those at the front who share, `most` at most: nobody is overtaken. They wait no longer. */
  nextRiders(most: number): Waiter<T>[] {
    const riders: Waiter<T>[] = []
    for (const place of this.#places) {
      if (riders.length >= most || !place.waiter.rides) break
      riders.push(this.#dismiss(place))
    }
    return riders
  }

  #dismiss(place: Place<T>): Waiter<T> {
    const { waiter, left, stopped } = place
    this.#places.delete(place)
    waiter.stop?.removeEventListener('abort', stopped)
    left()
    // Not cleared: whoever comes next needs it again.
    if (this.#places.size === 0) this.#alarm?.unref()
    return waiter
  }

  #wake(at: number, inMs: number): void {
    if (this.#alarm !== undefined && this.#alarmAt <= at) return void this.#alarm.ref()
    clearTimeout(this.#alarm)
    this.#alarmAt = at
    this.#alarm = setTimeout(() => this.#ring(), inMs)
  }

  #ring(): void {
    this.#alarm = undefined
    // A timer counts whole milliseconds, and may be one of them early.
    const now = performance.now() + 1
    let next = Infinity
    for (const place of this.#places) {
      if (place.until <= now) this.#dismiss(place).refuse(this.#tooLate())
      else next = Math.min(next, place.until)
    }
    if (next !== Infinity) this.#wake(next, next - now + 1)
  }
}
