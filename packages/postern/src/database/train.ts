import type { Batch } from './batch.js'
import type { HeldConnection } from './connections.js'
import type { PooledConnection } from './held-connection.js'
import type { Statement, StatementResult } from './statement.js'

/**
 * The most who ride together: whoever is last waits for three rows by their keys. CPU of the server for a read, in one run with 32 clients
 * on ten connections: 235 µs alone, 177 in twos, 167 in fours, 161 in eights.
 */
export const LONGEST_TRAIN = 4

/** How long, in milliseconds, a rider waits for a lock that another transaction holds, and the others for it. */
export const RIDERS_LOCK_MS = 20

/**
 * One connection for several who each read or write a row by its key, and came together or waited together: their batches leave in one
 * write, and PostgreSQL answers one after the other without falling asleep between. Each batch has a Sync, and so a transaction, an identity and
 * an error of its own.
 *
 * One who gives up does not take the connection from the others: its answer is dropped. Only when all have given up is PostgreSQL
 * asked to stop.
 */
export class Train {
  readonly #held: PooledConnection
  readonly #batches: Batch[] = []
  #awaited: number
  #riders: number

  /** @param riders how many take a seat; it departs when each has said what it sends, or got off */
  constructor(held: PooledConnection, riders: number) {
    this.#held = held
    this.#awaited = this.#riders = riders
  }

  /** A seat for one of them. Whoever takes it sends at once: the others wait for that. */
  seat(): HeldConnection {
    return new Seat(this.#held, {
      board: (batch) => {
        if (batch !== undefined) this.#batches.push(batch)
        this.#awaited -= 1
        if (this.#awaited === 0 && this.#batches.length > 0) this.#held.send(this.#batches)
      },
      leave: () => {
        this.#riders -= 1
        if (this.#riders > 0) return
        // What still runs is for somebody who has given up.
        this.#held.cancel()
        this.#held.release()
      },
    })
  }
}

/** What a seat tells its train. */
interface Boarding {
  /** Once; without a batch where there is nothing to send. */
  readonly board: (batch?: Batch) => void
  readonly leave: () => void
}

class Seat implements HeldConnection {
  readonly #held: PooledConnection
  readonly #train: Boarding
  #running = 0
  #isAboard = false
  #released = false

  constructor(held: PooledConnection, train: Boarding) {
    this.#held = held
    this.#train = train
  }

  /** As far as this one goes: what the others do is no transaction of its own. */
  get idle(): boolean {
    return this.#running === 0
  }

  batch(statements: readonly Statement[]): Promise<StatementResult[]> {
    if (this.#released) return Promise.reject(new Error('This connection has been given back'))
    let batch: Batch
    try {
      batch = this.#held.compose(statements, () => void (this.#running -= 1))
    } catch (error) {
      return Promise.reject(error)
    }
    this.#running += 1
    if (this.#isAboard) this.#held.send([batch])
    else this.#board(batch)
    return batch.done
  }

  cancel(): void {
    // The statement that PostgreSQL would stop may be another's.
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    if (!this.#isAboard) this.#board()
    this.#train.leave()
  }

  #board(batch?: Batch): void {
    this.#isAboard = true
    this.#train.board(batch)
  }
}
