import type { PgTransactionConfig } from 'drizzle-orm/pg-core'
import type { CallSite } from './call-site.js'
import type { Runner } from './drizzle.js'
import { type Identity, SERVICE } from './identity.js'
import type { Connections } from './connections.js'
import { type CurrentUnit, currentUnit, currentUnitOf, lookForUnits } from './unit-store.js'
import { inTransaction, type Unit, type UnitOptions } from './unit.js'

/** A unit's statements as one identity, for `drizzleOver`. */
export function unitRunner(unit: CurrentUnit, identity: Identity, site?: CallSite): Runner {
  return {
    run: (statement) => unit.run(identity, statement, site),
    transaction: (work, config) => unit.transaction((inner) => work(unitRunner(inner, identity)), isolationOf(config)),
  }
}

/** Marks a handle that acts as the service: where a request's database is expected it would show everybody every row. */
export const ACTS_AS_SERVICE: unique symbol = Symbol.for('postern.acts-as-service') as never

/**
 * The service's statements. Each looks for the request's transaction when it runs: on the embedded database there is only one
 * connection, and a second handle that waited for it inside the same request would wait for ever. That of another database it leaves
 * alone.
 */
export function serviceRunner(connections: () => Connections, open: (options: UnitOptions) => Unit): Runner {
  lookForUnits()
  return {
    async run(statement) {
      const current = currentUnitOf(connections())
      if (current?.isOpen === true) return current.run(SERVICE, statement)
      const unit = open({ mode: 'statement', watch: currentUnit()?.watch })
      try {
        return await unit.run(SERVICE, statement)
      } finally {
        await unit.close()
      }
    },
    transaction(work, config) {
      const current = currentUnitOf(connections())
      if (current?.isOpen === true) return unitRunner(current, SERVICE).transaction(work, config)
      const unit = open({ mode: 'request', watch: currentUnit()?.watch, ...isolationOf(config) })
      return inTransaction(unit, () => work(unitRunner(unit, SERVICE)))
    },
  }
}

function isolationOf(config: PgTransactionConfig | undefined): Pick<UnitOptions, 'isolation'> {
  const level = config?.isolationLevel
  return level === 'serializable' || level === 'repeatable read' ? { isolation: level } : {}
}
