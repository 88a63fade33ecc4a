import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import { bind } from '../database/paved/prepared.js'
import { againOnConflict, type InboxDatabase } from './as-service.js'
import { lockIn, type Opened, unitFor } from './attempt.js'
import { STATEMENTS } from './statements.js'
import { hasWorkerIn, type NamedRow, storedBy, type StoreOptions, type StoreResult, storing } from './store.js'

/**
 * S, and P as far as the lock, in one round trip: the event is final by a COMMIT of its own, and behind it the transaction opens that
 * processes it. `opened` is absent for a duplicate.
 * @param row its id is this delivery’s alone: what is locked under it is what was stored here, also where it was sent twice
 */
export async function storeAndOpen(
  database: InboxDatabase,
  row: NamedRow,
  options: Opening,
): Promise<StoreResult & { readonly opened?: Opened }> {
  const controller = new AbortController()
  const { unit, results } = await againOnConflict(() => send(database, row, options, controller))
  const lock = lockIn(results.first[0]!)
  if ('transaction' in lock) {
    const stored = { kind: 'fresh', id: row.id, status: 'received', begun: true } as const
    return { rows: [stored], hasWorker: hasWorkerIn(results.before), opened: { unit, lock, controller } }
  }
  await unit.close()
  return storedBy(database, [row], options, results.before)
}

interface Opening extends StoreOptions {
  readonly begins: true
  /** How long the attempt may take, in milliseconds. */
  readonly timeMs: number
}

async function send(database: InboxDatabase, row: NamedRow, options: Opening, controller: AbortController) {
  const unit = unitFor(database, controller.signal, options.timeMs)
  try {
    return { unit, results: await unit.openAfter(SERVICE, storing([row], options), [bind(STATEMENTS.lock, [row.id])]) }
  } catch (error) {
    await unit.close()
    throw orMissingTables(error)
  }
}
