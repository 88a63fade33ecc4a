import { prepareValue } from 'pg/lib/utils.js'
import { type BoundValue, FrontendMessages } from './frontend-messages.js'
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
  readonly #values: readonly (readonly BoundValue[])[]
  readonly #results: Arriving[] = []
  readonly #parsed = new Map<string, string>()
  #next: Batch | undefined
  #follow: (() => void) | undefined
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
      return values.map(prepareValue) as BoundValue[]
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

  /**
   * The one whose turn is next, on the same client. If this one is not sent yet, the bytes of both leave together.
   * @param follow gives it to the client: only when this one is done, for node-postgres takes one query at a time
   */
  before(next: Batch, follow: () => void): void {
    this.#next = next
    this.#follow = follow
  }

  submit(wire: Wire): void {
    // It went out with the one before it.
    if (this.#wire !== undefined) return
    const messages = new FrontendMessages()
    this.#say(wire, messages)
    for (let next = this.#next; next !== undefined; next = next.#next) next.#say(wire, messages)
    if (wire.stream.writable) wire.stream.write(messages.bytes)
  }

  #say(wire: Wire, messages: FrontendMessages): void {
    this.#wire = wire
    let index = 0
    for (const statement of this.#statements) this.#sayOne(wire, messages, statement, this.#values[index++]!)
    messages.sync()
  }

  #sayOne(wire: Wire, messages: FrontendMessages, statement: Statement, values: readonly BoundValue[]): void {
    const { name = '', text } = statement
    if (name === '' || (wire.parsedStatements[name] !== text && this.#parsed.get(name) !== text)) {
      // A statement outlives the transaction that prepared it. Closing a name first (harmless if there is none) makes preparing
      // repeatable, so that a batch which failed half-way leaves nothing to keep account of.
      if (name !== '') {
        messages.close(name)
        delete wire.parsedStatements[name]
        knownFields.get(wire)?.delete(name)
        this.#parsed.set(name, text)
      }
      messages.parse(name, text)
    }
    messages.bind(name, values)
    const fields = name === '' ? undefined : knownFields.get(wire)?.get(name)
    if (fields === undefined) messages.describe()
    messages.execute()
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
    // At once: what comes next on the wire may be its answer.
    this.#follow?.()
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
    return this.#at >= this.#statements.length && isGoodbye(error)
  }

  /** node-postgres forgets a query once it has handed it an error, so ReadyForQuery is listened for here. */
  handleError(error: unknown): void {
    const wire = this.#wire
    if (wire !== undefined && this.#mayBeDone(error)) undecided.add(error)
    if (wire === undefined || !wire.stream.writable || !isFromServer(error)) return this.#breakOff(error)
    if (isStale(error))
      for (const { name } of this.#statements) if (name !== undefined) delete wire.parsedStatements[name]
    // Closed here and perhaps not prepared again; the one before, in the same write, has said by now that it is.
    for (const name of this.#parsed.keys()) delete wire.parsedStatements[name]
    const forget = () => {
      wire.removeListener('readyForQuery', settle)
      wire.removeListener('end', breakOff)
    }
    const settle = () => {
      forget()
      this.#follow?.()
      this.#reject(error)
    }
    const breakOff = () => {
      forget()
      this.#breakOff(error)
    }
    wire.on('readyForQuery', settle)
    wire.on('end', breakOff)
  }

  /** The connection is gone, and those behind were on it. */
  #breakOff(error: unknown): void {
    this.#reject(error)
    if (this.#next !== undefined) this.#next.#breakOff(error)
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

/** PostgreSQL has ended the connection, and says so. */
export function isGoodbye(error: unknown): boolean {
  return isFromServer(error) && LAST_WORDS.test(String((error as { code?: unknown }).code))
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
