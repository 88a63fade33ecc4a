import type { Event } from '../events.js'
import { queriesAmong, refuseOverBudget } from './query-budget.js'

/** What a backend did while it was watched. */
export interface Happened {
  /** How often a connection was asked for. */
  readonly connections: number
  /** Batches that were sent: what costs a round trip each. */
  readonly roundTrips: number
  /** The text of every statement, without those that only say as whom it runs. */
  readonly statements: readonly string[]
  /** How many endpoints' own functions were called. */
  readonly functions: number
  /** The reason of each `db.asService(reason)`. */
  readonly services: readonly string[]
  /** Tables of which a row was made, changed or deleted. */
  readonly changed: readonly string[]
  readonly events: readonly Event[]
  /**
   * Passes when no connection was opened, no function called and no row touched: what a refusal for its form must show.
   * Throws an `Error` that names all that happened.
   */
  nothing(): void
  /** Passes when no function was called and no row touched: what a refusal by the database itself must show. */
  nothingWritten(): void
  /**
   * Passes when at most `most` statements were sent, without those that open and end transactions or say as whom they
   * run. Throws an `Error` that lists them.
   */
  withinQueries(most: number): void
}

/** The same, and what the watched work answered. */
export interface Recorded<T> extends Happened {
  readonly answer: T
}

type Facts = Omit<Happened, 'nothing' | 'nothingWritten' | 'withinQueries'>

export function happenedOf<T>(facts: Facts, answer: T): Recorded<T> {
  const written = () => [
    ...(facts.functions === 0 ? [] : [`${facts.functions} function(s) called`]),
    ...facts.services.map((reason) => `entered as the service: ${reason}`),
    ...facts.changed.map((table) => `rows changed in ${table}`),
  ]
  const asked = () => [
    ...(facts.connections === 0 ? [] : [`${facts.connections} connection(s) asked for`]),
    ...facts.statements.map((text) => `statement: ${text}`),
  ]
  return {
    ...facts,
    answer,
    nothing: () => refuse([...written(), ...asked()]),
    nothingWritten: () => refuse(written()),
    withinQueries: (most) => refuseOverBudget('What was recorded', queriesAmong(facts.statements), most),
  }
}

function refuse(what: readonly string[]): void {
  if (what.length > 0) throw new Error(`Something happened:\n- ${what.join('\n- ')}`)
}
