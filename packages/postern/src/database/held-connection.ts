import { Connection as RawConnection, type ClientBase, type PoolClient, type Submittable } from 'pg'
import { Batch } from './batch.js'
import type { OwnerConnection, HeldConnection } from './connections.js'
import type { Statement, StatementResult } from './statement.js'
import type { WireClient } from './wire.js'

/** A node-postgres client out of the pool, as a `HeldConnection`. */
export class PooledConnection implements HeldConnection {
  readonly #client: PoolClient
  readonly #cancellable: boolean
  readonly #giveBack: (broken: boolean) => void
  #running = 0
  /** The last of those that run. */
  #last: Batch | undefined
  #released = false
  #cancelling: Promise<void> | undefined
  #settled: (() => void) | undefined

  /** @param giveBack called when it is released and nobody uses it any more */
  constructor(client: PoolClient, cancellable: boolean, giveBack: (broken: boolean) => void) {
    this.#client = client
    this.#cancellable = cancellable
    this.#giveBack = giveBack
  }

  get idle(): boolean {
    return this.#running === 0 && this.#client.getTransactionStatus() === 'I'
  }

  batch(statements: readonly Statement[]): Promise<StatementResult[]> {
    if (this.#released) return Promise.reject(new Error('This connection has been given back'))
    let batch: Batch
    try {
      batch = this.compose(statements)
    } catch (error) {
      return Promise.reject(error)
    }
    this.send([batch])
    return batch.done
  }

  /**
   * A batch for `send()`. Throws for a value that cannot be said.
   * @param onSettled called before anybody hears of the result
   */
  compose(statements: readonly Statement[], onSettled?: () => void): Batch {
    return new Batch(statements, () => {
      this.#running -= 1
      if (this.#running === 0) this.#last = undefined
      this.#settled?.()
      onSettled?.()
    })
  }

  /**
   * Sends them in one write, each a round trip and a transaction of its own; or behind what runs, when that is done.
   */
  send(batches: readonly Batch[]): void {
    const before = this.#last
    for (const batch of batches) {
      this.#last?.before(batch, () => this.#give(batch))
      this.#last = batch
    }
    this.#running += batches.length
    if (before === undefined && batches[0] !== undefined) this.#give(batches[0])
  }

  #give(batch: Batch): void {
    this.#client.query(batch as unknown as Submittable)
  }

  cancel(): void {
    if (this.#cancellable && this.#running > 0) this.#cancelling ??= this.#cancelAll()
  }

  /** What was sent behind a statement that is stopped comes to its turn then, and nobody waits for that either. */
  async #cancelAll(): Promise<void> {
    for (let left = this.#running; left > 0; left = this.#running) {
      await cancelRequest(this.#client as unknown as WireClient)
      const isLast = left === 1
      if (isLast || (this.#running === left && !(await this.#oneSettles(CANCEL_MS)))) return
    }
  }

  #oneSettles(withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs)
      this.#settled = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  release(broken = false): void {
    if (this.#released) return
    this.#released = true
    const end = () => this.#giveBack(broken || this.#cancelling !== undefined || !this.idle)
    // PgBouncer forgets a request whose client has gone, and lets its statement run to the end (ran, 1.18).
    if (this.#cancelling === undefined) end()
    else void this.#cancelling.then(end)
  }
}

/** A client as an `OwnerConnection`. */
export function ownerConnection(client: ClientBase): OwnerConnection {
  return {
    batch(statements) {
      const batch = new Batch(statements)
      client.query(batch as unknown as Submittable)
      return batch.done
    },
    async script(sql) {
      await client.query(sql)
    },
  }
}

/** How long a connection that is given up waits for its request to be taken. */
const CANCEL_MS = 1_000

/**
 * PostgreSQL takes the request on a connection of its own, unencrypted and unauthenticated but for the secret key, and closes that
 * when the request is done: only then it is sure to have arrived. Where a proxy wants TLS first it is lost; then
 * `statement_timeout` ends the statement.
 */
function cancelRequest(client: WireClient): Promise<void> {
  const { processID, secretKey } = client
  if (processID === null || secretKey === null) return Promise.resolve()
  const messenger = new RawConnection() as unknown as {
    on(event: string, listener: () => void): void
    connect(port: number | string, host?: string): void
    cancel(processID: number, secretKey: number): void
    readonly stream: { destroy(): void }
  }
  return new Promise((resolve) => {
    const timer = setTimeout(done, CANCEL_MS)
    function done(): void {
      clearTimeout(timer)
      messenger.stream.destroy()
      resolve()
    }
    messenger.on('error', done)
    messenger.on('end', done)
    messenger.on('connect', () => messenger.cancel(processID, secretKey))
    if (client.host.startsWith('/')) messenger.connect(`${client.host}/.s.PGSQL.${client.port}`)
    else messenger.connect(client.port, client.host)
  })
}
