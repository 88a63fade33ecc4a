import { setTimeout as pause } from 'node:timers/promises'
import { bind } from '../database/paved/prepared.js'
import { hint } from '../workers/hints.js'
import { asService, type InboxDatabase } from './as-service.js'
import { STATEMENTS } from './statements.js'
import { WORKER } from './store.js'
import type { Turns } from './turns.js'

/** An event that was to be stored and begun. */
export interface Unheard {
  readonly database: InboxDatabase
  /** Nothing else is ever stored under it. */
  readonly id: string
  readonly leaseMs: number
  readonly turns: Turns
}

/**
 * Ends the lease of an event whose storing was never answered, because the connection was lost: nobody has begun it, and it would rest
 * until the lease ends by itself. Nobody waits for that, and where no try comes through the lease ends as ever.
 */
export function giveBackUnheard({ turns, ...unheard }: Unheard): void {
  turns.beside(giveBack(unheard))
}

/** Several tries: PostgreSQL may still be at it, hold the row until it sees that nobody listens any more, or be away. */
async function giveBack({ database, id, leaseMs }: Omit<Unheard, 'turns'>): Promise<void> {
  for (const ms of PAUSES_MS) {
    await pause(ms)
    if (await endFirstLease(database, id, leaseMs).catch(() => false)) return hint(WORKER)
  }
}

/** Whether the lease that the event was stored with was there to be ended. */
export async function endFirstLease(database: InboxDatabase, id: string, leaseMs: number): Promise<boolean> {
  const [result] = await asService(database, [bind(STATEMENTS.endFirstLease, [id, leaseMs])])
  return result!.rows.length > 0
}

/** Together less than the ten seconds that a server waits when it is told to stop. */
const PAUSES_MS = [50, 200, 800, 2_000, 4_000]
