import { type ForeignDatabase, isForeign } from './foreign-database.js'
import type { Database } from './database/database.js'
import type { Schema } from './database/scope-types.js'
import type { Plan } from './plan.js'

/**
 * What only a database of `database()` can do is refused when the endpoint is defined: a slot that promised something and
 * did nothing would be worse than none. Throws a `TypeError` that says what to write.
 */
export function assertDatabaseFits(plan: Plan, database: Database<Schema> | ForeignDatabase): void {
  if (!isForeign(database)) return
  const { ownership, does, idempotent, transaction, columns } = plan
  if (does.kind !== 'function') refuse(`${does.kind}()`, 'write a function')
  if (ownership?.by === 'table') {
    refuse(`${ownership.demand}: a table`, 'write a function, ({ db, id, principal }) => the row or null')
  }
  if (idempotent !== null) refuse('idempotent', 'the reply is stored in the transaction of its effect')
  if (transaction !== null) refuse('transaction', 'open one with your own client')
  if (columns !== null) refuse('response: columns()', 'give it a schema')
}

function refuse(what: string, instead: string): never {
  throw new TypeError(`${what} needs a database made by database(): ${instead}`)
}
