import { SERVICE } from '../database/identity.js'
import { bind } from '../database/paved/prepared.js'
import { Unawaited } from '../database/pending.js'
import { RowMarks } from '../database/row-marks.js'
import type { ServiceScope, Schema } from '../database/scope-types.js'
import { type EnqueueBy, scopeOf } from '../database/scope.js'
import type { StatementResult } from '../database/statement.js'
import { runInUnit } from '../database/unit-store.js'
import type { Unit } from '../database/unit.js'
import { againOnConflict, type InboxDatabase } from './as-service.js'
import { STATEMENTS } from './statements.js'
import { withTimeLimit } from './time-limit.js'

/** An attempt that was counted, of an event that somebody has to process. */
export interface Started {
  readonly id: string
  /** Which attempt it is, from 1 on. */
  readonly attempt: number
  readonly orderingKey: string | null
  readonly endpoint: string
  readonly eventType: string
}

/** What a handler is run with, inside the transaction. */
export interface Processing {
  readonly db: ServiceScope<Schema>
  readonly signal: AbortSignal
  readonly receivedAt: Date
}

export type Processed =
  /** The effects and the mark are there, both. */
  | { readonly kind: 'succeeded' }
  /** Somebody else holds the row, or its ordering key. */
  | { readonly kind: 'elsewhere'; readonly by: 'row' | 'key' }
  /** It is final already: another attempt was first, or a person was. */
  | { readonly kind: 'final'; readonly status: string }
  /** Each attempt that it may have was begun, and the process died in all of them. */
  | { readonly kind: 'exhausted' }

/** An error of before the handler was called: nothing of the handler's can have caused it. */
export class NotBegun extends Error {
  override readonly name = 'NotBegun'
}

/**
 * The only step with effects: the row’s lock, the handler, and the mark with COMMIT, in one transaction. What throws leaves nothing
 * behind. A transaction that met another is begun anew at once, which is the same attempt.
 */
export function process(
  database: InboxDatabase,
  started: Started,
  handler: HandlerRun,
  opened?: Opened,
): Promise<Processed> {
  let begun = opened
  const once = (signal: AbortSignal) => {
    const running = { ...handler, signal }
    const own = begun
    begun = undefined
    if (own === undefined) return processOnce(database, started, running)
    return within(own.unit, signal, () => finish(database, own.unit, started, running, own.lock))
  }
  return withTimeLimit(handler.timeMs, (signal) => againOnConflict(() => once(signal)), opened?.controller)
}

/** A transaction that holds the event's row already. Whoever has it processes the event, or closes the unit. */
export interface Opened {
  readonly unit: Unit
  readonly lock: Lock
  /** Of the unit's signal. */
  readonly controller: AbortController
}

/** A handler, and how it is to be run. */
export interface HandlerRun {
  readonly run: (processing: Processing) => unknown
  readonly timeMs: number
  /** Lines are named where something was forgotten. */
  readonly strict: boolean
  /** Puts a job into the queue, in the same transaction. */
  readonly enqueue?: EnqueueBy | undefined
}

export type Running = HandlerRun & { readonly signal: AbortSignal }

function processOnce(database: InboxDatabase, started: Started, running: Running): Promise<Processed> {
  return inUnit(database, running, async (unit) => {
    const lock = await lockOf(unit, started)
    if (!('transaction' in lock)) return lock
    return finish(database, unit, started, running, lock)
  })
}

/** The handler and the mark, under the lock. */
async function finish(
  database: InboxDatabase,
  unit: Unit,
  started: Started,
  running: Running,
  lock: Lock,
): Promise<Processed> {
  await handle(database, unit, running, lock)
  const mark = bind(STATEMENTS.mark, [started.id, lock.transaction])
  await unit.commit({ identity: SERVICE, statements: [mark] }).catch((error: unknown) => {
    throw isLostTransaction(error) ? new EndedTransaction() : error
  })
  return { kind: 'succeeded' }
}

/** One transaction, which ends when its time is up: a handler that never returns must keep neither its connection nor a lock. */
export async function inUnit<T>(
  database: InboxDatabase,
  { signal, timeMs }: Pick<Running, 'signal' | 'timeMs'>,
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const unit = unitFor(database, signal, timeMs)
  return within(unit, signal, () => work(unit))
}

/** The transaction of an attempt that may take `timeMs` milliseconds. */
export function unitFor(database: InboxDatabase, signal: AbortSignal, timeMs: number): Unit {
  return database.unit({ mode: 'request', signal, idleTransactionMs: Math.max(1_000, timeMs) })
}

async function within<T>(unit: Unit, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const giveUp = () => void unit.close()
  signal.addEventListener('abort', giveUp)
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', giveUp)
    await unit.close()
  }
}

/** Runs the handler in a transaction that has begun. */
export async function handle(
  database: InboxDatabase,
  unit: Unit,
  { run, strict, signal, enqueue }: Running,
  { receivedAt }: Pick<Lock, 'receivedAt'>,
): Promise<void> {
  const unawaited = new Unawaited(strict)
  const jobs = enqueue === undefined ? {} : { enqueue }
  const db = scopeOf({ schema: database.schema, unit, identity: SERVICE, unawaited, marks: new RowMarks(), ...jobs })
  await runInUnit(unit, () => run({ db: db as unknown as ServiceScope<Schema>, signal, receivedAt }))
  // Never run and marked as done, it would be lost for good: here that is an error in production too.
  const forgotten = unawaited.forgotten()
  if (forgotten.length > 0) throw new Error(`${forgotten.join('; ')}. Await it`)
}

export interface Lock {
  /** PostgreSQL's id of the transaction that holds it. */
  readonly transaction: string
  readonly receivedAt: Date
}

async function lockOf(unit: Unit, { id, endpoint, orderingKey }: Started): Promise<Lock | Processed> {
  const keyed = orderingKey === null ? [] : [bind(STATEMENTS.lockKey, [endpoint, orderingKey])]
  const results = await unit.runAll(SERVICE, [...keyed, bind(STATEMENTS.lock, [id])]).catch((error: unknown) => {
    throw new NotBegun('The attempt could not begin', { cause: error })
  })
  if (orderingKey !== null && results[0]!.rows[0]![0] !== 't') return { kind: 'elsewhere', by: 'key' }
  return lockIn(results.at(-1)!)
}

/** What `lock` has answered. */
export function lockIn({ rows }: StatementResult): Lock | Processed {
  const row = rows[0]
  if (row === undefined) return { kind: 'elsewhere', by: 'row' }
  const [status, attempts, most, transaction, receivedAt] = row as string[]
  if (status !== 'received') return { kind: 'final', status: status! }
  if (Number(attempts) > Number(most)) return { kind: 'exhausted' }
  return { transaction: transaction!, receivedAt: new Date(receivedAt!) }
}

/** The mark's own refusal: NULL in `status`. */
function isLostTransaction(error: unknown): boolean {
  const { code, table, column } = (error ?? {}) as { code?: unknown; table?: unknown; column?: unknown }
  return code === '23502' && table === 'webhook_inbox' && column === 'status'
}

/**
 * A handler has ended the transaction by itself (COMMIT or ROLLBACK as text). What it wrote until then may be final, so another
 * attempt might do it twice: it is dead at once.
 */
export class EndedTransaction extends Error {
  override readonly name = 'EndedTransaction'

  constructor() {
    super('The handler has ended the transaction that it runs in: leave COMMIT and ROLLBACK to the inbox')
  }
}
