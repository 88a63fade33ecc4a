import { bind } from '../database/paved/prepared.js'
import { asService, type InboxDatabase } from './as-service.js'
import { bodyIn } from './inbox-row.js'
import { STATEMENTS } from './statements.js'

/** What administration needs: what `database()` made. */
export type InboxHome = Pick<InboxDatabase, 'unit'>

/** What may become of an event. `received` waits, or is being processed. */
export const DELIVERY_STATUSES = ['received', 'succeeded', 'ignored', 'dead'] as const
/** What has become of an event. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** An event in the inbox. */
export interface StoredDelivery {
  readonly id: string
  readonly webhook: string
  readonly type: string
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly maxAttempts: number
  /** How many copies came and were counted: one that came while it was processed is not. */
  readonly duplicates: number
  readonly receivedAt: Date
  readonly finishedAt: Date | null
  /** When it is due again, where it waits. */
  readonly nextAttemptAt: Date | null
  /** What went wrong last. */
  readonly error: string | null
  /** Its identity: the provider’s id, or the hash of its bytes. */
  readonly key: string
  readonly orderingKey: string | null
  /** Of which event it was made, by force. */
  readonly replayOf: string | null
  /** Only its identity is kept. */
  readonly isPruned: boolean
}

/** The same with what was in it. */
export interface DeliveryDetails extends StoredDelivery {
  readonly eventAt: Date | null
  /** What went wrong last, with issues and causes. */
  readonly lastError: unknown
  readonly headers: unknown
  readonly body: Buffer | null
  readonly replayReason: string | null
  /** `null` is for good. */
  readonly keepUntil: Date | null
}

/** Which events are meant. */
export interface DeliveryFilter {
  readonly webhook?: string
  readonly status?: DeliveryStatus
  readonly type?: string
  /** Those that came then or later. */
  readonly since?: Date
  /** Those that came before. */
  readonly until?: Date
  /** Words of what went wrong last, in any case of letters. */
  readonly error?: string
  /** The newest so many. Default 50. */
  readonly limit?: number
}

/**
 * The newest events of the inbox.
 *
 * @example
 * const dead = await listDeliveries(db, { status: 'dead' })
 */
export async function listDeliveries(database: InboxHome, filter: DeliveryFilter = {}): Promise<StoredDelivery[]> {
  const { webhook = null, status = null, type = null, since = null, until = null, error = null, limit = 50 } = filter
  const values = [webhook, status, type, limit, since, until, error]
  const [result] = await asService(database, [bind(STATEMENTS.list, values)])
  return result!.rows.map(toDelivery)
}

/**
 * One event with all that is kept of it; `null` where there is none of that id.
 *
 * @example
 * const delivery = await showDelivery(db, id)
 */
export async function showDelivery(database: InboxHome, id: string): Promise<DeliveryDetails | null> {
  if (!UUID.test(id)) return null
  const [result] = await asService(database, [bind(STATEMENTS.show, [id])])
  const row = result!.rows[0]
  if (row === undefined) return null
  const [eventAt, lastError, headers, body, replayReason, keepUntil, event] = row.slice(15)
  return {
    ...toDelivery(row),
    eventAt: dateOf(eventAt),
    lastError: jsonOf(lastError),
    headers: jsonOf(headers),
    body: body == null ? (event == null ? null : bodyIn(event)) : Buffer.from(body, 'base64'),
    replayReason: replayReason ?? null,
    keepUntil: dateOf(keepUntil),
  }
}

/** Events that wait and that nobody of those known can process. */
export async function strandedDeliveries(
  database: InboxHome,
  known: readonly { readonly endpoint: string; readonly eventType: string }[],
): Promise<{ readonly webhook: string; readonly type: string; readonly count: number }[]> {
  const values = [known.map(({ endpoint }) => endpoint), known.map(({ eventType }) => eventType)]
  const [result] = await asService(database, [bind(STATEMENTS.stranded, values)])
  return result!.rows.map(([webhook, type, count]) => ({ webhook: webhook!, type: type!, count: Number(count) }))
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

function toDelivery(row: readonly (string | null)[]): StoredDelivery {
  const [id, webhook, type, status, attempts, most, duplicates, receivedAt, finishedAt, nextAt, error, key] = row
  const [orderingKey, replayOf, isPruned] = row.slice(12)
  return {
    id: id!,
    webhook: webhook!,
    type: type!,
    status: status as DeliveryStatus,
    attempts: Number(attempts),
    maxAttempts: Number(most),
    duplicates: Number(duplicates),
    receivedAt: dateOf(receivedAt)!,
    finishedAt: dateOf(finishedAt),
    nextAttemptAt: status === 'received' ? dateOf(nextAt) : null,
    error: error ?? null,
    key: key!,
    orderingKey: orderingKey ?? null,
    replayOf: replayOf ?? null,
    isPruned: isPruned === 't',
  }
}

const dateOf = (text: string | null | undefined) => (text == null ? null : new Date(text))
const jsonOf = (text: string | null | undefined) => (text == null ? null : (JSON.parse(text) as unknown))
