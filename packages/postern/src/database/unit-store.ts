import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallSite } from './call-site.js'
import type { Connections } from './connections.js'
import type { Identity } from './identity.js'
import type { RepeatedStatements } from './repeated-statements.js'
import type { Statement, StatementResult } from './statement.js'

/** The unit in which this code runs, of whatever database. Read it when a query runs: Drizzle's queries are lazy, made here and run there. */
export function currentUnit(): CurrentUnit | undefined {
  return home()[KEY]?.getStore()?.unit
}

/** The innermost of those in which this code runs that is of the database these connections lead to: another's knows no such row. */
export function currentUnitOf(connections: Connections): CurrentUnit | undefined {
  let within = home()[KEY]?.getStore()
  while (within !== undefined && !within.unit.leadsTo(connections)) within = within.around
  return within?.unit
}

/**
 * Runs `work` so that every handle in it finds `unit`, where there is a handle that looks. On Node 20 the first use of an
 * `AsyncLocalStorage` makes every promise of the process dearer, for good (13 µs for each later request).
 */
export function runInUnit<T>(unit: CurrentUnit, work: () => T): T {
  const units = home()[KEY]
  return units === undefined ? work() : units.run({ unit, around: units.getStore() }, work)
}

/** Says that from now on there is a handle that looks for the unit of its request. */
export function lookForUnits(): void {
  home()[KEY] ??= new AsyncLocalStorage()
}

/** What a handle asks of the unit that it finds. */
export interface CurrentUnit {
  /** Whether its statements go where these connections lead. */
  leadsTo(connections: Connections): boolean
  /** A transaction is open, or on its way: another handle in the same request must join it. */
  readonly isOpen: boolean
  /** Counts the request's statements, where somebody watches. */
  readonly watch: RepeatedStatements | undefined
  run(identity: Identity, statement: Statement, site?: CallSite | null): Promise<StatementResult>
  transaction<T>(
    work: (unit: CurrentUnit) => Promise<T>,
    options?: { readonly isolation?: 'repeatable read' | 'serializable' },
  ): Promise<T>
}

/** A unit, and what it runs inside of: in a request of one database there may be a transaction of another. */
interface Within {
  readonly unit: CurrentUnit
  readonly around: Within | undefined
}

const KEY = Symbol.for('postern.unit')

/** On `globalThis`, because bundlers evaluate this module twice, and both copies serve the same request. */
function home() {
  return globalThis as { [KEY]?: AsyncLocalStorage<Within> }
}
