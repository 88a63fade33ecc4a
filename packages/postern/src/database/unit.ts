import { isGoodbye, isLost, isStale, isUndecided } from './batch.js'
import type { CallSite } from './call-site.js'
import { claimsStatement, preparedFor, unprepared } from './claims.js'
import type { Connections, HeldConnection } from './connections.js'
import type { Identity } from './identity.js'
import { problem } from '../problems.js'
import { Interruptible } from './interruptible.js'
import type { Stop } from './stop.js'
import type { RepeatedStatements } from './repeated-statements.js'
import { Savepoints } from './savepoints.js'
import type { Statement, StatementResult } from './statement.js'
import { RIDERS_LOCK_MS } from './train.js'
import { type CurrentUnit, runInUnit } from './unit-store.js'

/**
 * How statements share transactions: `read`, each its own and read-only · `statement`, each its own · `request`, all one, opened by
 * the first · `snapshot`, all one, read-only, seeing one moment.
 */
export type UnitMode = 'read' | 'request' | 'statement' | 'snapshot'

export interface UnitOptions {
  readonly mode: UnitMode
  /** Ends the unit: the running statement is given up, later ones throw the signal's reason. */
  readonly signal?: Stop
  /** How long PostgreSQL lets one statement run, in milliseconds (default 10,000). */
  readonly statementTimeoutMs?: number
  /** How long a transaction may wait for its next statement, in milliseconds (default 60,000). */
  readonly idleTransactionMs?: number
  /** `false` for poolers that cannot keep prepared statements (default `true`). */
  readonly prepare?: boolean
  /** What `request` begins with, where the default will not do. */
  readonly isolation?: 'repeatable read' | 'serializable'
  /** Counts what runs here by its text; the units of transactions inside count along. */
  readonly watch?: RepeatedStatements | undefined
}

/** One request's unit of work: says as whom every statement runs, and which of them stand or fall together. */
export class Unit implements CurrentUnit {
  readonly mode: UnitMode
  readonly #connections: Connections
  readonly #options: UnitOptions
  readonly #timeoutMs: number
  readonly #idleLimit: Statement
  readonly #interruptible: Interruptible
  #saved: Savepoints | undefined
  #held: HeldConnection | undefined
  #state: 'fresh' | 'open' | 'ended' = 'fresh'
  #closed = false
  #afterCommit: (() => void)[] = []
  /** Statements of one transaction go one after the other; a second one on its way would wait inside node-postgres anyhow. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(connections: Connections, options: UnitOptions) {
    this.mode = options.mode
    this.#connections = connections
    this.#options = options
    this.#timeoutMs = options.statementTimeoutMs ?? 10_000
    // A transaction whose process froze, or can't be reached, would keep its locks for ever.
    const idleMs = options.idleTransactionMs ?? 60_000
    this.#idleLimit = { text: `set local idle_in_transaction_session_timeout=${idleMs}`, values: [] }
    this.#interruptible = new Interruptible(options.signal)
  }

  leadsTo(connections: Connections): boolean {
    return connections.place === this.#connections.place
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get watch(): RepeatedStatements | undefined {
    return this.#options.watch
  }

  /** @param site where the user's code asked for it, where that is known */
  async run(identity: Identity, statement: Statement, site?: CallSite | null): Promise<StatementResult> {
    return (await this.runAll(identity, [statement], site))[0]!
  }

  /** All of them in one round trip. */
  async runAll(
    identity: Identity,
    statements: readonly Statement[],
    site?: CallSite | null,
  ): Promise<StatementResult[]> {
    this.watch?.count(statements, site)
    const rides = this.#mayRide && statements.every(({ isBrief }) => isBrief === true)
    const sent = rides ? this.#ride(identity, statements) : this.#send(this.#asWhom(identity, statements))
    return (await sent).slice(1)
  }

  /**
   * Makes `before` final, as a transaction of its own, and then opens this unit's with `first`: both in one round trip. What fails may
   * have failed behind the first COMMIT: `outcome-unknown` where the connection is gone.
   */
  async openAfter(
    identity: Identity,
    before: readonly Statement[],
    first: readonly Statement[],
  ): Promise<{ readonly before: StatementResult[]; readonly first: StatementResult[] }> {
    this.#assertUsable()
    if (this.mode !== 'request' || this.#state !== 'fresh')
      throw new Error('Only a transaction that has not begun opens')
    this.watch?.count([...before, ...first])
    this.#state = 'open'
    return this.#next(async () => {
      const held = (this.#held = await this.#acquire())
      const own = [...this.#asWhom(identity, before), { text: 'commit', values: [] }, ...this.#begin()]
      const sent = [...own, ...this.#asWhom(identity, first)]
      const results = await this.#sendOn(held, sent, [{ text: 'begin', values: [] }]).catch((error: unknown) => {
        // A good-bye in the middle of what is sent is one behind that COMMIT, for all that is known.
        throw isGoodbye(error) ? outcomeUnknown(error) : this.#honest(error)
      })
      return { before: results.slice(1, 1 + before.length), first: results.slice(own.length + 1) }
    })
  }

  /** What `work` does stands or falls together. Nested in an open transaction it is a savepoint; it ends when `work` does. */
  async transaction<T>(work: (unit: Unit) => Promise<T>, options: Pick<UnitOptions, 'isolation'> = {}): Promise<T> {
    this.#assertUsable()
    if (this.mode === 'request' || this.mode === 'snapshot') {
      if (options.isolation !== undefined)
        throw new Error('A transaction inside another one cannot choose its own isolation level')
      return this.savepoint(() => work(this))
    }
    const mode = this.mode === 'read' ? 'snapshot' : 'request'
    return inTransaction(new Unit(this.#connections, { ...this.#options, ...options, mode }), work)
  }

  /** Undoes what `work` did if it throws; only in the modes with one transaction. */
  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isAlone) throw new Error(`There is no transaction in mode '${this.mode}': use transaction()`)
    return this.#savepoints().within(async () => {
      const before = this.#afterCommit.length
      try {
        return await work()
      } catch (error) {
        this.#afterCommit.length = before
        throw error
      }
    })
  }

  /** Tells when what was done so far lasts; never where it is undone. Without a transaction that is now. */
  afterCommit(tell: () => void): void {
    if (this.#isAlone) tell()
    else this.#afterCommit.push(tell)
  }

  /**
   * Makes everything last. Throws if PostgreSQL rolled back instead, because an earlier statement had failed.
   * @param last what to say before, in the same round trip; if it fails, nothing lasts
   */
  async commit(last?: { readonly identity: Identity; readonly statements: readonly Statement[] }): Promise<void> {
    // Closed from outside, when the time was up: what ran was rolled back, and a success would be a lie.
    if (this.#closed) this.#refuse()
    const isLate = last !== undefined && !this.isOpen
    if (isLate) await this.runAll(last.identity, last.statements)
    if (this.#state !== 'open') return void (this.#state = 'ended')
    const before = last === undefined || isLate ? [] : this.#asWhom(last.identity, last.statements)
    const results = await this.#end('commit', before).catch((error: unknown) => {
      throw (error as { code?: unknown }).code === '25P02' ? nothingSaved() : error
    })
    if (results?.at(-1)?.command === 'ROLLBACK') throw nothingSaved()
    for (const tell of this.#afterCommit.splice(0)) tell()
  }

  /** Undoes everything. */
  async rollback(): Promise<void> {
    await this.#end('rollback')
  }

  /** Rolls back what is still open and gives the connection back; from now on every statement throws. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // Held still: a COMMIT that is on its way may never be answered.
    if (this.#state === 'open' || this.#held !== undefined) await this.#settle()
    this.#interruptible.dispose()
  }

  async #settle(): Promise<void> {
    if (this.#held !== undefined && this.#interruptible.size > 0) this.#abandon()
    else await this.rollback().catch(() => this.#abandon())
  }

  #savepoints(): Savepoints {
    return (this.#saved ??= new Savepoints((text) => this.#inTransaction([{ text, values: [] }])))
  }

  #abandon(): void {
    this.#state = 'ended'
    this.#interruptible.stop(ended())
    this.#giveBack(true)
  }

  #giveBack(broken: boolean): void {
    this.#held?.release(broken)
    this.#held = undefined
  }

  #asWhom(identity: Identity, statements: readonly Statement[], lockTimeoutMs?: number): Statement[] {
    const readOnly = this.mode === 'read' || this.mode === 'snapshot'
    const claims = claimsStatement(identity, { readOnly, statementTimeoutMs: this.#timeoutMs, lockTimeoutMs })
    const all = [claims]
    for (const statement of statements) all.push(preparedFor(identity.role, statement))
    return this.#options.prepare !== false && this.#connections.keepsPrepared ? all : all.map(unprepared)
  }

  /** Whether each round trip is a transaction by itself. */
  get #isAlone(): boolean {
    return this.mode === 'read' || this.mode === 'statement'
  }

  /** The embedded database has nobody to wake and no socket to write to. */
  get #mayRide(): boolean {
    return this.#isAlone && this.#connections.kind !== 'embedded'
  }

  #send(batch: Statement[]): Promise<StatementResult[]> {
    return this.#isAlone ? this.#alone(batch) : this.#beside(batch)
  }

  /** With others on one connection. Whoever meets a lock there has done nothing, gets off, and waits for it alone. */
  async #ride(identity: Identity, statements: readonly Statement[]): Promise<StatementResult[]> {
    try {
      return await this.#alone(this.#asWhom(identity, statements, RIDERS_LOCK_MS), true)
    } catch (error) {
      if (!isLockTimeout(error)) throw error
      return this.#alone(this.#asWhom(identity, statements))
    }
  }

  /** @param rides whether it may share a connection */
  async #alone(batch: Statement[], rides = false): Promise<StatementResult[]> {
    this.#assertUsable()
    const held = await this.#acquire(rides)
    let broken = false
    let sent = false
    try {
      sent = this.mode !== 'read' && this.mode !== 'snapshot'
      return await this.#sendOn(held, batch, [])
    } catch (error) {
      broken = this.#interruptible.aborted
      throw sent ? this.#honest(error) : error
    } finally {
      held.release(broken)
    }
  }

  #beside(batch: Statement[]): Promise<StatementResult[]> {
    return this.#savepoints().beside(() => this.#inTransaction(batch))
  }

  #inTransaction(batch: Statement[]): Promise<StatementResult[]> {
    this.#assertUsable()
    this.#state = 'open'
    return this.#next(async () => {
      this.#assertUsable()
      const held = (this.#held ??= await this.#acquire())
      // The connection knows: a first batch may have failed before it was sent, and the next must not run without BEGIN.
      const opens = held.idle
      return opens ? this.#sendOn(held, batch, this.#begin()) : this.#sendOn(held, batch)
    })
  }

  /**
   * One round trip. Where nothing came before it in the transaction, PostgreSQL has undone all of it after an error, so what failed
   * for a statement gone stale may be sent again.
   * @param opening what the transaction begins with, which is not answered for; `undefined` where it has begun
   */
  async #sendOn(held: HeldConnection, batch: Statement[], opening?: Statement[]): Promise<StatementResult[]> {
    try {
      if (opening === undefined || opening.length === 0) return await this.#interruptible.send(held, batch)
      return (await this.#interruptible.send(held, [...opening, ...batch])).slice(opening.length)
    } catch (error) {
      if (isLost(error)) this.#connections.losePrepared()
      if (!isStale(error) || opening === undefined) throw error
      const again = [...opening, ...(this.#connections.keepsPrepared ? batch : batch.map(unprepared))]
      // The failed BEGIN left a transaction that takes nothing but its end.
      if (!held.idle) await this.#interruptible.send(held, [{ text: 'rollback', values: [] }])
      return (await this.#interruptible.send(held, again)).slice(opening.length)
    }
  }

  async #acquire(rides = false): Promise<HeldConnection> {
    const held = await this.#connections.acquire(undefined, this.#interruptible, rides)
    if (!this.#closed && !this.#interruptible.aborted) return held
    // Nothing was sent on it: under load, when waiting outlasts requests, ending it would make connecting the next burden.
    held.release()
    this.#refuse()
  }

  #begin(): Statement[] {
    const { isolation } = this.#options
    const how =
      this.mode === 'snapshot'
        ? ' isolation level repeatable read read only'
        : isolation === undefined
          ? ''
          : ` isolation level ${isolation}`
    const begin = { text: `begin${how}`, values: [] }
    // The embedded database ends with this process: nobody is left to wait for its locks.
    return this.#connections.kind === 'embedded' ? [begin] : [begin, this.#idleLimit]
  }

  async #end(text: 'commit' | 'rollback', before: readonly Statement[] = []): Promise<StatementResult[] | undefined> {
    if (this.#state !== 'open') {
      if (this.#state === 'fresh') this.#state = 'ended'
      return undefined
    }
    return this.#next(async () => {
      const held = this.#held
      this.#state = 'ended'
      if (held === undefined) return undefined
      const finishes = text === 'commit' && this.mode !== 'snapshot' && !this.#interruptible.aborted
      try {
        return await this.#sendOn(held, [...before, { text, values: [] }])
      } catch (error) {
        // What stood before COMMIT has failed, and PostgreSQL skipped COMMIT: the connection is as good as before.
        if (!held.idle) await this.#interruptible.send(held, [{ text: 'rollback', values: [] }]).catch(() => {})
        throw finishes ? this.#honest(error) : error
      } finally {
        this.#giveBack(this.#interruptible.aborted)
      }
    })
  }

  /** What ended a write that was on its way to being final: "did not happen" and "try again" may both be lies then. */
  #honest(error: unknown): unknown {
    const interrupted = this.#interruptible.aborted && !isFromPostgres(error)
    return interrupted || isUndecided(error) ? outcomeUnknown(error) : error
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => {})
    return result
  }

  #refuse(): never {
    this.#interruptible.throwIfAborted()
    throw ended()
  }

  #assertUsable(): void {
    this.#interruptible.throwIfAborted()
    if (this.#closed || (this.#state === 'ended' && this.mode !== 'read' && this.mode !== 'statement')) throw ended()
  }
}

/** Commits what `work` did, or rolls it back if it throws. Every handle inside finds this unit. */
export async function inTransaction<T>(unit: Unit, work: (unit: Unit) => Promise<T>): Promise<T> {
  try {
    const result = await runInUnit(unit, () => work(unit))
    await unit.commit()
    return result
  } finally {
    await unit.close()
  }
}

function outcomeUnknown(cause: unknown): Error {
  return problem('outcome-unknown', undefined, { cause })
}

function nothingSaved(): Error {
  return new Error('Nothing was saved: an earlier statement of this transaction failed, and its error was caught')
}

function isLockTimeout(error: unknown): boolean {
  return isFromPostgres(error) && (error as { code?: unknown }).code === '55P03'
}

function isFromPostgres(error: unknown): boolean {
  return error instanceof Error && 'severity' in error
}

function ended(): Error {
  return new Error('This statement came after its request was answered: await it, or hand it to a job')
}
