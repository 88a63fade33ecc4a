import type { Share } from './registry.js'

/**
 * Where `postern/testing` leads a database to another place. It is the database object that is led, and not a request:
 * whatever holds it (endpoints, an auth library's own tables, a seed) reaches the same fresh database, and none of them
 * the developer's own.
 *
 * **Security:** the package does not export this, and no request can ask for a symbol of an object it never sees.
 */
export const LEAD_TO: unique symbol = Symbol.for('postern.lead-to') as never

/** A database that can be led elsewhere: what is open is closed, and the next statement opens `place`. */
export interface Leading {
  [LEAD_TO](place: () => Share): Promise<void>
}
