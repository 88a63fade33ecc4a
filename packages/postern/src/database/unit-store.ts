import { AsyncLocalStorage } from 'node:async_hooks'
import type { Unit } from './unit.js'

/** The unit of the request in which this code runs, if any. Read it when a query runs: Drizzle's queries are lazy, made here and run there. */
export function currentUnit(): Unit | undefined {
  return store().getStore()
}

/** Runs `work` so that every handle in it finds `unit`. */
export function runInUnit<T>(unit: Unit, work: () => T): T {
  return store().run(unit, work)
}

const KEY = Symbol.for('postern.unit')

/** On `globalThis`, because bundlers evaluate this module twice, and both copies serve the same request. */
function store(): AsyncLocalStorage<Unit> {
  const home = globalThis as { [KEY]?: AsyncLocalStorage<Unit> }
  return (home[KEY] ??= new AsyncLocalStorage())
}
