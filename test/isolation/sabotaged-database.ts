import type { Connection, Connections, HeldConnection } from '../../packages/postern/src/database/connections.js'
import type { Database } from '../../packages/postern/src/database/database.js'
import { connectionsFor } from '../../packages/postern/src/database/place.js'
import type { Statement } from '../../packages/postern/src/database/statement.js'
import { Unit } from '../../packages/postern/src/database/unit.js'
import type { Rules, World } from './world.js'

/** What happens to a statement on its way. */
export type Tampering = (statement: Statement) => Statement

/** The world's database as a broken build would use it. Close it. */
export function sabotagedDatabase(
  world: World,
  tamper: Tampering,
): { database: Database<Rules>; close(): Promise<void> } {
  const { connections, close } = connectionsFor({ ...world.where, poolSize: 3, poolWaitMs: 20_000 })
  const tampering: Connections = {
    kind: connections.kind,
    label: connections.label,
    acquire: async (waitMs) => tampered(await connections.acquire(waitMs), tamper),
    withConnection: (work) => connections.withConnection(work),
    asOwner: (work) => connections.asOwner(work),
    observe: (observer) => connections.observe(observer),
    close: () => connections.close(),
  }
  const unit: Database<Rules>['unit'] = (options) => new Unit(tampering, { statementTimeoutMs: 400, ...options })
  return { database: { ...world.database, unit }, close }
}

function tampered(held: HeldConnection, tamper: Tampering): HeldConnection {
  const batch: Connection['batch'] = (statements) => held.batch(statements.map(tamper))
  return {
    get idle() {
      return held.idle
    },
    batch,
    cancel: () => held.cancel(),
    release: (broken) => held.release(broken),
  }
}

/** The statement that says as whom the others run. */
export function isClaims({ text }: Statement): boolean {
  return text.startsWith("select set_config('role'")
}
