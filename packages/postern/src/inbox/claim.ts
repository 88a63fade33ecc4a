import { bind } from '../database/paved/prepared.js'
import { asService, type InboxDatabase } from './as-service.js'
import type { Started } from './attempt.js'
import { STATEMENTS } from './statements.js'

/** What a program can process: an event type of a webhook, and how long an attempt of it may take. */
export interface Processable {
  readonly endpoint: string
  readonly eventType: string
  readonly leaseMs: number
}

/** An attempt that a worker has taken. */
export interface Claimed extends Started {
  /** As `keptEvent` wrote it; `null` where it was pruned. */
  readonly event: string | null
  readonly maxAttempts: number
}

/** Takes up to `limit` events that are due: counted and leased, so that no other worker takes them meanwhile. */
export async function claim(database: InboxDatabase, known: readonly Processable[], limit: number): Promise<Claimed[]> {
  const values = [
    known.map(({ endpoint }) => endpoint),
    known.map(({ eventType }) => eventType),
    known.map(({ leaseMs }) => leaseMs),
    limit,
  ]
  const [result] = await asService(database, [bind(STATEMENTS.claim, values)])
  return result!.rows.map(toClaimed)
}

/**
 * Begins another attempt of an event that came again, and is not being worked on; `null` where it is.
 *
 * **Security:** what is processed is what came first. A copy is known by its id or by its bytes, and the other of the two may be
 * anybody's: a captured body under the id of an event that waits would have its effect again, and the event would never have its own.
 */
export async function startAgain(database: InboxDatabase, id: string, leaseMs: number): Promise<Claimed | null> {
  const [result] = await asService(database, [bind(STATEMENTS.start, [id, leaseMs])])
  const row = result!.rows[0]
  return row === undefined ? null : toClaimed(row)
}

function toClaimed([id, endpoint, event, attempts, most, orderingKey, eventType]: readonly (string | null)[]): Claimed {
  return {
    id: id!,
    endpoint: endpoint!,
    event: event ?? null,
    attempt: Number(attempts),
    maxAttempts: Number(most),
    orderingKey: orderingKey ?? null,
    eventType: eventType!,
  }
}

/** For tests, which do not wait for a backoff. */
export async function allDue(database: InboxDatabase): Promise<void> {
  await asService(database, [bind(STATEMENTS.dueNow, [])])
}
