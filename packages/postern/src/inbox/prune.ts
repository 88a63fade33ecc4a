import { bind } from '../database/paved/prepared.js'
import { asService } from './as-service.js'
import type { InboxHome } from './deliveries.js'
import { STATEMENTS } from './statements.js'

/** For how long what was in an event is kept. Its identity is kept longer, or for good. */
export interface PruneOptions {
  /** Of events that are done. Default 30. */
  readonly doneDays?: number
  /** Of events that are dead: a person may still want to replay them. Default 90. */
  readonly deadDays?: number
  /** How many rows one transaction takes. Default 1,000. */
  readonly batch?: number
}

/** How much went. */
export interface Pruned {
  /** Events of which only the identity is left. */
  readonly bodies: number
  /** Events that are forgotten: no copy of theirs can come any more. */
  readonly rows: number
}

/**
 * Takes away what is no longer needed, in batches that nobody waits for. An event whose body is gone is still known, and a copy of it is
 * still a duplicate; it is forgotten after 90 days, or twice the time in which its provider may send it again. Where the provider's
 * signature covers no time it is never forgotten, because nothing else would keep a captured delivery from coming again.
 *
 * @example
 * const { bodies } = await pruneDeliveries(db)
 */
export async function pruneDeliveries(database: InboxHome, options: PruneOptions = {}): Promise<Pruned> {
  const total = { bodies: 0, rows: 0 }
  for (;;) {
    const pruned = await pruneOnce(database, options)
    total.bodies += pruned.bodies
    total.rows += pruned.rows
    if (pruned.bodies + pruned.rows === 0) return total
  }
}

/** One batch of it. */
export async function pruneOnce(database: InboxHome, options: PruneOptions = {}): Promise<Pruned> {
  const { doneDays = 30, deadDays = 90, batch = 1_000 } = options
  const [bodies, rows] = await asService(database, [
    bind(STATEMENTS.pruneBodies, [doneDays, deadDays, batch]),
    bind(STATEMENTS.pruneRows, [batch]),
  ])
  return { bodies: bodies!.rowCount, rows: rows!.rowCount }
}
