import type { Database } from '../database/database.js'
import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import { takeOne } from '../database/rate-limits.js'
import { paceOf, type RateLimitStore, takenOf } from './rate.js'

/**
 * Counts in PostgreSQL: exact over any number of processes, for one round trip before the request, a GET too. The time is the
 * database's. Without the database nobody gets through: the request is a 503. Throws where `database()` has not made it.
 *
 * @example
 * export const POST = endpoint({ body: SendInput, rateLimit: { limit: 5, per: 'minute', store: postgresStore(db) } }, send)
 */
export function postgresStore(database: Pick<Database<never>, 'unit'>): RateLimitStore {
  if (typeof (database as Partial<typeof database> | undefined)?.unit !== 'function') {
    throw new TypeError(
      'postgresStore() counts in what database() made; count in memoryStore(), or write a store of your own',
    )
  }
  return {
    async take(key, rate, { signal }) {
      const pace = paceOf(rate)
      // A unit of its own: whatever becomes of the request, the attempt was made.
      const unit = database.unit({ mode: 'statement', signal })
      try {
        const [taken] = await unit.runAll(SERVICE, takeOne(key, pace))
        const [passed, ahead] = taken?.rows[0] ?? []
        return takenOf(passed === 't', Number(ahead), pace)
      } catch (error) {
        throw orMissingTables(error)
      } finally {
        await unit.close()
      }
    },
  }
}
