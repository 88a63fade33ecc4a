import type { Database } from '../database/database.js'
import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import type { Schema } from '../database/scope-types.js'
import type { Statement, StatementResult } from '../database/statement.js'
import type { Stop } from '../database/stop.js'

/** Where the inbox is. */
export type InboxDatabase = Pick<Database<Schema>, 'unit' | 'schema' | 'kind'>

/** All of them as the service, in one round trip and one transaction. */
export async function asService(
  database: Pick<InboxDatabase, 'unit'>,
  statements: readonly Statement[],
  signal?: Stop,
): Promise<StatementResult[]> {
  const unit = database.unit({ mode: 'statement', ...(signal === undefined ? {} : { signal }) })
  try {
    return await unit.runAll(SERVICE, statements)
  } catch (error) {
    throw orMissingTables(error)
  } finally {
    await unit.close()
  }
}

/** Two transactions that got in each other's way: either may be tried again as it is, because nothing of it lasts. */
export function isConflict(error: unknown): boolean {
  for (let cause = error, depth = 0; depth < 5 && typeof cause === 'object' && cause !== null; depth += 1) {
    const { code } = cause as { readonly code?: unknown }
    if (code === '40001' || code === '40P01') return true
    cause = (cause as { readonly cause?: unknown }).cause
  }
  return false
}

/** Runs `work` again, at once, where it met another transaction; three times in all. */
export async function againOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work()
    } catch (error) {
      if (tried === 3 || !isConflict(error)) throw error
    }
  }
}
