import type { Pool, PoolClient } from 'pg'
import { problem } from '../problems.js'

/** How long a client that was given back is kept out of the pool for the next who wants one. */
const KEPT_MS = 1_000

interface QueueOptions {
  /** What a failure to connect becomes. */
  readonly toError: (error: unknown) => unknown
  /** Hears of a client that broke while nobody used it. */
  readonly onFailure: (error: unknown) => void
}

interface Waiter {
  readonly resolve: (client: PoolClient) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Hands a client from one use straight to the next. The pool makes connections and ends idle ones; asking it for each use takes
 * a turn of the event loop and two timers (9 µs), and its limit for waiting covers connecting too, which may well take longer
 * than a request should wait.
 */
export class ClientQueue {
  readonly #pool: Pool
  readonly #options: QueueOptions
  readonly #waiters = new Set<Waiter>()
  readonly #kept: PoolClient[] = []
  readonly #dead = new WeakSet<PoolClient>()
  #sweep: NodeJS.Timeout | undefined
  #connecting = 0

  constructor(pool: Pool, options: QueueOptions) {
    this.#pool = pool
    this.#options = options
    // The pool stops listening while a client is out, and an unheard error event ends the process.
    pool.on('connect', (client) => {
      client.on('error', (error) => {
        if (this.#forget(client)) options.onFailure(error)
      })
      client.on('end', () => this.#forget(client))
    })
  }

  /** Waits `waitMs` milliseconds at most, then throws the problem `unavailable`. Whoever came first goes first. */
  take(waitMs: number): Promise<PoolClient> {
    const kept = this.#kept.pop()
    if (kept !== undefined) return Promise.resolve(kept)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter)
        reject(problem('unavailable', undefined, { headers: { 'retry-after': '1' } }))
      }, waitMs)
      const waiter: Waiter = { resolve, reject, timer }
      this.#waiters.add(waiter)
      this.#connect()
    })
  }

  /** @param broken it must not be used again */
  give(client: PoolClient, broken: boolean): void {
    if (broken || this.#dead.has(client)) {
      client.release(true)
      return this.#connect()
    }
    const next = this.#first()
    if (next !== undefined) return next.resolve(client)
    // Somebody asks the pool itself: the work of the tables' owner, on the embedded database.
    if (this.#pool.waitingCount > 0) return client.release()
    this.#kept.push(client)
    this.#sweep ??= setTimeout(() => this.flush(), KEPT_MS)
  }

  /** Gives what is kept back to the pool. */
  flush(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
    for (const client of this.#kept.splice(0)) client.release()
  }

  /** Has the pool make connections for those who wait, as many as it may. */
  #connect(): void {
    const room = this.#pool.options.max - this.#pool.totalCount + this.#pool.idleCount
    for (let made = 0; made < room && this.#waiters.size > this.#connecting; made += 1) void this.#connectOne()
  }

  async #connectOne(): Promise<void> {
    this.#connecting += 1
    try {
      this.give(await this.#pool.connect(), false)
    } catch (error) {
      this.#first()?.reject(this.#options.toError(error))
    } finally {
      this.#connecting -= 1
    }
    this.#connect()
  }

  #first(): Waiter | undefined {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter)
      clearTimeout(waiter.timer)
      return waiter
    }
    return undefined
  }

  /** Whether it was kept here. */
  #forget(client: PoolClient): boolean {
    this.#dead.add(client)
    const at = this.#kept.indexOf(client)
    if (at === -1) return false
    this.#kept.splice(at, 1)
    client.release(true)
    return true
  }
}
