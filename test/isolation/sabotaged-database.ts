import type { Connections, HeldConnection } from '../../packages/postern/src/database/connections.js'
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
  const tampering = instead(connections, {
    acquire: async (...how: Parameters<Connections['acquire']>) => tampered(await connections.acquire(...how), tamper),
  })
  const unit: Database<Rules>['unit'] = (options) => new Unit(tampering, { statementTimeoutMs: 400, ...options })
  return { database: { ...world.database, unit }, close }
}

function tampered(held: HeldConnection, tamper: Tampering): HeldConnection {
  return instead(held, { batch: (statements: readonly Statement[]) => held.batch(statements.map(tamper)) })
}

/** The same object but for some of its methods. */
function instead<T extends Connections | HeldConnection>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, key) {
      if (key in methods) return methods[key as keyof T]
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** The statement that says as whom the others run. */
export function isClaims({ text }: Statement): boolean {
  return text.startsWith("select set_config('role'")
}
