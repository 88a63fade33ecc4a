import type { Pool, PoolClient } from 'pg'
import { problem } from '../problems.js'
import { Crowding } from './crowding.js'
import type { Stop } from './stop.js'
import { LONGEST_TRAIN, type Train } from './train.js'
import { type Waiter, WaitingLine } from './waiting-line.js'

/** How long a client that was given back is kept out of the pool for the next who wants one. */
const KEPT_MS = 1_000

interface QueueOptions {
  /** What a failure to connect becomes. */
  readonly toError: (error: unknown) => unknown
  /** Hears of a client that broke while nobody used it. */
  readonly onFailure: (error: unknown) => void
}

/** A client for one, or for several who share it. */
export interface Ride {
  readonly client: PoolClient
  readonly riders: number
  /** Theirs in common, made by the first of them. */
  train?: Train
}

/**
 * Hands a client from one use straight to the next. The pool makes connections and ends idle ones; asking it for each use takes
 * a turn of the event loop and two timers (9 µs), and its limit for waiting covers connecting too, which may well take longer
 * than a request should wait.
 */
export class ClientQueue {
  readonly #pool: Pool
  readonly #options: QueueOptions
  readonly #crowding: Crowding
  readonly #line = new WaitingLine<Ride>(() => problem('unavailable', undefined, { headers: { 'retry-after': '1' } }))
  readonly #kept: PoolClient[] = []
  readonly #dead = new WeakSet<PoolClient>()
  #sweep: NodeJS.Timeout | undefined
  /** Who came in this turn of the event loop, rides, and found a client kept. */
  readonly #gathered: { readonly waiter: Waiter<Ride>; readonly waitMs: number }[] = []
  #connecting = 0
  #borrowing = 0

  constructor(pool: Pool, options: QueueOptions) {
    this.#pool = pool
    this.#options = options
    this.#crowding = new Crowding(pool.options.max)
    // The pool stops listening while a client is out, and an unheard error event ends the process.
    pool.on('connect', (client) => {
      client.on('error', (error) => {
        if (this.#forget(client)) options.onFailure(error)
      })
      client.on('end', () => this.#forget(client))
    })
    // What was borrowed goes back to the pool, and nobody else would tell those who wait here that there is room again.
    pool.on('remove', () => this.#connect())
  }

  /** More wait, and have for a while, than clients can be given to soon. */
  get isCrowded(): boolean {
    return this.#crowding.isCrowded
  }

  /**
   * Waits `waitMs` milliseconds at most, then throws the problem `unavailable`. Whoever came first goes first. One who wants it no
   * longer leaves the queue at once: those behind would wait for nobody, and it would look longer than it is.
   */
  take(waitMs: number, stop?: Stop): Promise<PoolClient> {
    const kept = this.#kept.pop()
    if (kept !== undefined) return Promise.resolve(kept)
    return new Promise((resolve, refuse) => {
      const receive = ({ client }: Ride) => resolve(client)
      this.#wait({ receive, refuse, rides: false, stop }, waitMs)
    })
  }

  /**
   * The same for one who may share the client with others: with those who come in the same turn of the event loop, or who wait too.
   * To wake a process of PostgreSQL for each of them costs more than the little that the last has to wait for the first.
   */
  board(waitMs: number, stop?: Stop): Promise<Ride> {
    return new Promise((receive, refuse) => {
      const waiter = { receive, refuse, rides: true, stop }
      if (this.#kept.length === 0) return this.#wait(waiter, waitMs)
      if (this.#gathered.push({ waiter, waitMs }) === 1) setImmediate(() => this.#depart())
    })
  }

  /** @param broken it must not be used again */
  give(client: PoolClient, broken: boolean): void {
    if (broken || this.#dead.has(client)) {
      client.release(true)
      return this.#connect()
    }
    // Before those who wait here: they never stop coming.
    if (this.#borrowing > 0) return client.release()
    const next = this.#line.next()
    if (next !== undefined) return hand(client, [next, ...(next.rides ? this.#line.nextRiders(LONGEST_TRAIN - 1) : [])])
    // A pool that ends waits for every client.
    if (this.#pool.ending) return client.release()
    this.#kept.push(client)
    this.#sweep ??= setTimeout(() => this.flush(), KEPT_MS)
  }

  /** A client for work that may take long and gives it back to the pool itself, ended: that of the tables' owner. No limit. */
  async borrow(): Promise<PoolClient> {
    this.#borrowing += 1
    try {
      const client = this.#pool.connect()
      // Only now that the pool knows who wants it: else it could be kept here once more meanwhile.
      this.flush()
      return await client
    } finally {
      this.#borrowing -= 1
      // What came back in the same moment lies idle in the pool, and those who wait here would not hear of it.
      this.#connect()
    }
  }

  /** Gives what is kept back to the pool. */
  flush(): void {
    clearTimeout(this.#sweep)
    this.#sweep = undefined
    for (const client of this.#kept.splice(0)) client.release()
  }

  /** Has the pool make connections for those who wait, as many as it may. */
  #connect(): void {
    const { options, totalCount, idleCount, waitingCount } = this.#pool
    // An idle client that the pool has promised is idle until the next tick. Asked for more than there is, the pool would fail
    // whoever waits here then, ten seconds later.
    const room = options.max - totalCount + idleCount - waitingCount
    for (let made = 0; made < room && this.#line.size > this.#connecting; made += 1) void this.#connectOne()
  }

  async #connectOne(): Promise<void> {
    this.#connecting += 1
    try {
      this.give(await this.#pool.connect(), false)
    } catch (error) {
      this.#line.next()?.refuse(this.#options.toError(error))
    } finally {
      this.#connecting -= 1
    }
    this.#connect()
  }

  #wait(waiter: Waiter<Ride>, waitMs: number): void {
    this.#line.enter(waiter, waitMs, this.#crowding.enter())
    this.#connect()
  }

  /** They were not in the line: one turn is no wait, and would make it look longer than it is. */
  #depart(): void {
    const gathered = this.#gathered.splice(0).filter(({ waiter: { stop, refuse } }) => {
      if (stop?.aborted === true) refuse(stop.reason)
      return stop?.aborted !== true
    })
    while (gathered.length > 0 && this.#kept.length > 0) {
      const riders = gathered.splice(0, LONGEST_TRAIN).map(({ waiter }) => waiter)
      hand(this.#kept.pop()!, riders)
    }
    for (const { waiter, waitMs } of gathered) this.#wait(waiter, waitMs)
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

function hand(client: PoolClient, riders: readonly Waiter<Ride>[]): void {
  const ride: Ride = { client, riders: riders.length }
  for (const rider of riders) rider.receive(ride)
}
