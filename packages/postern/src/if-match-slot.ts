import type { Plan } from './plan.js'

/** Reads the slot `ifMatch`. Throws a `TypeError` for anything but `true`. */
export function ifMatchSlotOf(value: unknown): boolean {
  if (value === undefined || value === true) return value === true
  throw new TypeError('ifMatch takes true: leave it out where a change need not say which version it is of')
}

/** `ifMatch` needs a version to compare, and something that changes the row of the path while nobody else does. */
export function assertIfMatchFits({ ifMatch, ownership, does, transaction }: Plan): void {
  if (!ifMatch) return
  if (ownership?.by !== 'table' || ownership.demand !== 'owns')
    throw new TypeError('ifMatch needs owns: a table with a version() column')
  const { name, versionKey } = ownership.facts
  if (versionKey === undefined)
    throw new TypeError(`ifMatch needs a version to compare: give ${name} the column version: version()`)
  if (does.kind !== 'update' && does.kind !== 'remove' && does.kind !== 'function')
    throw new TypeError(`ifMatch is for what changes the row of the path, and ${does.kind}() does not`)
  // Without one transaction the row could change between the look at its version and the function's own statement.
  if (transaction !== null && transaction !== 'request')
    throw new TypeError(`ifMatch needs the row to be locked, and transaction: '${transaction}' locks nothing`)
}
