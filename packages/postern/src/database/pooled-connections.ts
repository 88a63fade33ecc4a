import type { Pool, PoolClient } from 'pg'
import { Events, type Observer } from '../events.js'
import { ClientQueue } from './client-queue.js'
import type { Connections, HeldConnection, OwnerConnection } from './connections.js'
import { PooledConnection } from './held-connection.js'
import type { Stop } from './stop.js'
import { Train } from './train.js'
import { toUnreachable } from './unreachable.js'

/** How long `close()` waits for connections that are still in use. */
const CLOSE_MS = 2_000

/** What tells one driver from the other. */
interface Driver {
  readonly kind: Connections['kind']
  readonly label: string
  readonly place: Connections['place']
  readonly poolWaitMs: number
  readonly keepsPrepared: boolean
  /** Opens the pool: called once, by the first use. */
  open(): Promise<Pool>
  /** @param borrow a client of the pool; it must be released as broken */
  asOwner<T>(borrow: () => Promise<PoolClient>, work: (connection: OwnerConnection) => Promise<T>): Promise<T>
  /** After the pool has ended. */
  close(): Promise<void>
}

/** Connections over a pool of node-postgres clients; the driver says where those lead. */
export class PooledConnections implements Connections {
  readonly kind: Connections['kind']
  readonly label: string
  readonly place: Connections['place']
  readonly #driver: Driver
  readonly #events = new Events()
  /** A list, and no `Set`, for the reason that `WaitingLine` tells. */
  readonly #held: HeldConnection[] = []
  #pool: Promise<Pool> | undefined
  #queue: ClientQueue | undefined
  #closed = false
  #keepsPrepared: boolean

  constructor(driver: Driver) {
    this.kind = driver.kind
    this.label = driver.label
    this.place = driver.place
    this.#driver = driver
    this.#keepsPrepared = driver.keepsPrepared
  }

  get keepsPrepared(): boolean {
    return this.#keepsPrepared
  }

  get isCrowded(): boolean {
    return this.#queue?.isCrowded === true
  }

  losePrepared(): void {
    // The embedded database has one session, and no pooler before it: only raw SQL can have dropped the statement.
    if (!this.#keepsPrepared || this.kind === 'embedded') return
    this.#keepsPrepared = false
    this.#events.emit({ type: 'database.warning', ...PREPARED_ARE_LOST })
  }

  observe(observer: Observer): () => void {
    return this.#events.observe(observer)
  }

  async acquire(waitMs: number = this.#driver.poolWaitMs, stop?: Stop, rides = false): Promise<HeldConnection> {
    if (this.#queue === undefined || this.#closed) await this.#opened()
    const queue = this.#queue!
    if (!rides) return this.#hold(await queue.take(waitMs, stop))
    const ride = await queue.board(waitMs, stop)
    if (ride.riders === 1) return this.#hold(ride.client)
    ride.train ??= new Train(this.#hold(ride.client), ride.riders)
    return ride.train.seat()
  }

  async withConnection<T>(work: (connection: HeldConnection) => Promise<T>): Promise<T> {
    const connection = await this.acquire()
    try {
      return await work(connection)
    } finally {
      connection.release()
    }
  }

  async asOwner<T>(work: (connection: OwnerConnection) => Promise<T>): Promise<T> {
    const borrow = async () => {
      await this.#opened()
      return this.#queue!.borrow()
    }
    return this.#driver.asOwner(borrow, work)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const pool = await this.#pool?.catch(() => undefined)
    if (pool !== undefined) await this.#end(pool)
    if (this.#pool !== undefined) await this.#driver.close()
  }

  #hold(client: PoolClient): PooledConnection {
    const held = new PooledConnection(client, this.kind === 'postgres', (broken) => {
      this.#held.splice(this.#held.indexOf(held), 1)
      this.#queue!.give(client, broken)
    })
    this.#held.push(held)
    return held
  }

  /** The pool waits for whoever still has a connection; a unit that nobody closed would keep the process from ending. */
  async #end(pool: Pool): Promise<void> {
    this.#queue?.flush()
    const impatient = setTimeout(() => {
      for (const held of this.#held.slice()) held.release(true)
    }, CLOSE_MS)
    await pool.end().finally(() => clearTimeout(impatient))
  }

  #opened(): Promise<Pool> {
    if (this.#closed) return Promise.reject(this.#gone())
    this.#pool ??= this.#open()
    return this.#pool
  }

  async #open(): Promise<Pool> {
    try {
      const pool = await this.#driver.open()
      const report = (error: unknown) => this.#events.emit({ type: 'database.failed', error })
      pool.on('error', report)
      const toError = (error: unknown) => toUnreachable(error, this.label)
      this.#queue = new ClientQueue(pool, { toError, onFailure: report })
      return pool
    } catch (error) {
      this.#pool = undefined
      throw error
    }
  }

  #gone(): Error {
    return new Error(`The database ${this.label} has been closed`)
  }
}

const PREPARED_ARE_LOST = {
  message: 'A pooler stands before PostgreSQL and loses prepared statements, so from now on none are used',
  hint: 'Add ?pgbouncer=true to DATABASE_URL, or let the pooler keep them (PgBouncer 1.21 and newer: max_prepared_statements)',
}
