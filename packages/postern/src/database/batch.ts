import { prepareValue } from 'pg/lib/utils.js'
import type { Statement, StatementResult } from './statement.js'
import type { Wire } from './wire.js'

/** Bind counts its parameters in sixteen bits; one more and the message means something else. */
const MOST_VALUES = 65_535

type Field = StatementResult['fields'][number]

interface Arriving {
  fields: readonly Field[]
  readonly rows: (readonly (string | null)[])[]
  command: string
  rowCount: number
}

/** What a named statement answers with, so that it is described once a connection. A changed table is PostgreSQL's error 0A000. */
const knownFields = new WeakMap<Wire, Map<string, readonly Field[]>>()

/**
 * Several statements in the extended protocol with one Sync at the end: one round trip, and one implicit transaction.
 * An error undoes them all and PostgreSQL skips those behind it.
 *
 * This is node-postgres' public `Submittable`, as pg-cursor is. The promise settles at ReadyForQuery, after errors too,
 * so that whoever gets the answer may look at the transaction's state and give the connection back.
 */
export class Batch {
  readonly done: Promise<StatementResult[]>
  readonly #statements: readonly Statement[]
  readonly #values: readonly (readonly unknown[])[]
  readonly #results: Arriving[] = []
  readonly #parsed = new Map<string, string>()
  #wire: Wire | undefined
  #at = 0
  #resolve!: (results: StatementResult[]) => void
  #reject!: (error: unknown) => void

  /**
   * Throws, before anything is sent, for a value that cannot be said in PostgreSQL's text.
   * @param onSettled called when the connection is free again, before anybody hears of the result
   */
  constructor(statements: readonly Statement[], onSettled?: () => void) {
    this.#statements = statements
    this.#values = statements.map(({ values }) => {
      if (values.length > MOST_VALUES) throw new RangeError(`A statement takes at most ${MOST_VALUES} values`)
      return values.map(prepareValue)
    })
    this.done = new Promise((resolve, reject) => {
      this.#resolve = (results) => {
        onSettled?.()
        resolve(results)
      }
      this.#reject = (error) => {
        onSettled?.()
        reject(error)
      }
    })
  }

  submit(wire: Wire): void {
    this.#wire = wire
    wire.stream.cork()
    try {
      let index = 0
      for (const statement of this.#statements) this.#write(wire, statement, this.#values[index++]!)
      wire.sync()
    } finally {
      wire.stream.uncork()
    }
  }

  #write(wire: Wire, { name = '', text }: Statement, values: readonly unknown[]): void {
    if (name === '' || (wire.parsedStatements[name] !== text && this.#parsed.get(name) !== text)) {
      // A statement outlives the transaction that prepared it. Closing a name first (harmless if there is none) makes preparing
      // repeatable, so that a batch which failed half-way leaves nothing to keep account of.
      if (name !== '') {
        wire.close({ type: 'S', name })
        delete wire.parsedStatements[name]
        knownFields.get(wire)?.delete(name)
        this.#parsed.set(name, text)
      }
      wire.parse({ name, text })
    }
    wire.bind({ statement: name, portal: '', values })
    const fields = name === '' ? undefined : knownFields.get(wire)?.get(name)
    if (fields === undefined) wire.describe({ type: 'P', name: '' })
    wire.execute({ portal: '', rows: 0 })
    this.#results.push({ fields: fields ?? [], rows: [], command: '', rowCount: 0 })
  }

  handleRowDescription(message: { fields: readonly Field[] }): void {
    const fields = message.fields.map(({ name, dataTypeID }) => ({ name, dataTypeID }))
    this.#results[this.#at]!.fields = fields
  }

  handleDataRow(message: { fields: readonly (string | null)[] }): void {
    this.#results[this.#at]!.rows.push(message.fields)
  }

  handleCommandComplete(message: { text: string }): void {
    const result = this.#results[this.#at]!
    const { text } = message
    const first = text.indexOf(' ')
    result.command = first === -1 ? text : text.slice(0, first)
    // `INSERT 0 1`: what counts stands last.
    result.rowCount = first === -1 ? 0 : Number(text.slice(text.lastIndexOf(' '))) || 0
    this.#at += 1
  }

  handleEmptyQuery(): void {
    this.#at += 1
  }

  handlePortalSuspended(): void {
    this.#at += 1
  }

  handleCopyInResponse(wire: Wire): void {
    wire.sendCopyFail('COPY needs a connection of its own')
  }

  handleCopyData(): void {}

  handleReadyForQuery(wire: Wire): void {
    for (const [name, text] of this.#parsed) wire.parsedStatements[name] = text
    let known = knownFields.get(wire)
    if (known === undefined) knownFields.set(wire, (known = new Map()))
    let index = 0
    for (const { name } of this.#statements) {
      const { fields } = this.#results[index++]!
      if (name !== undefined && known.get(name) !== fields) known.set(name, fields)
    }
    this.#resolve(this.#results)
  }

  #mayBeDone(error: unknown): error is object {
    if (typeof error !== 'object' || error === null) return false
    if (!isFromServer(error)) return true
    return this.#at >= this.#statements.length && LAST_WORDS.test(String((error as { code?: unknown }).code))
  }

  /** node-postgres forgets a query once it has handed it an error, so ReadyForQuery is listened for here. */
  handleError(error: unknown): void {
    const wire = this.#wire
    if (wire !== undefined && this.#mayBeDone(error)) undecided.add(error)
    if (wire === undefined || !wire.stream.writable || !isFromServer(error)) return this.#reject(error)
    if (isStale(error))
      for (const { name } of this.#statements) if (name !== undefined) delete wire.parsedStatements[name]
    const settle = () => {
      wire.removeListener('readyForQuery', settle)
      wire.removeListener('end', settle)
      this.#reject(error)
    }
    wire.on('readyForQuery', settle)
    wire.on('end', settle)
  }
}

const undecided = new WeakSet<object>()

/**
 * The connection went away between a batch and its answer: what it wrote may have been made final, or not. Where PostgreSQL
 * itself said good-bye before the last statement was done, nothing was: it answers in order.
 */
export function isUndecided(error: unknown): boolean {
  return typeof error === 'object' && error !== null && undecided.has(error)
}

/** What PostgreSQL says as its last word on a connection: shut down, crashed, idle for too long. */
const LAST_WORDS = /^(57P|25P0[34]|08)/

/**
 * A prepared statement that the server no longer has, or whose table has changed since (a migration while the server runs).
 * Its names are forgotten, so the same batch sent again prepares them anew.
 */
export function isStale(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, routine } = error as { code?: unknown; routine?: unknown }
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}

/** The server does not have the statement at all: on the way to it there is a pooler that gave out another session. */
export function isLost(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === '26000'
}

function isFromServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error
}
