import { bind } from '../database/paved/prepared.js'
import { hint } from '../workers/hints.js'
import { asService } from './as-service.js'
import { wholeNumber } from '../whole-number.js'
import { type DeliveryFilter, type InboxHome, listDeliveries, showDelivery } from './deliveries.js'
import { STATEMENTS } from './statements.js'
import { WORKER } from './store.js'

/** What came of a replay. */
export type Replayed =
  | {
      readonly id: string
      readonly replayed: true
      /** The row that is processed: another one where force was used. */ readonly as: string
    }
  | {
      readonly id: string
      readonly replayed: false
      readonly why: 'absent' | 'pruned' | 'succeeded' | 'running' | 'not-succeeded'
    }

/** How an event is to be processed again. */
export interface ReplayOptions {
  /**
   * Also what has succeeded, whose effects then come a second time. The reason is kept beside the event that is made of it.
   *
   * **Security:** this is the one way to a second effect. It makes a new event with a key of its own, and never takes a mark away.
   */
  readonly force?: { readonly reason: string }
  /** Not before so many milliseconds are over. Default 0. */
  readonly afterMs?: number
}

/**
 * Has an event processed again by the next worker that looks: one that is dead, waits or was ignored, as what it is; with `force` also
 * one that has succeeded, as a new one. Throws a `TypeError` for a reason that says nothing.
 *
 * @example
 * const { replayed } = await replayDelivery(db, id)
 */
export async function replayDelivery(database: InboxHome, id: string, options: ReplayOptions = {}): Promise<Replayed> {
  const reason = options.force?.reason.trim()
  if (reason === '') throw new TypeError('A replay by force needs a reason: its effects come a second time')
  const afterMs = wholeNumber('afterMs', options.afterMs ?? 0, 0)
  const found = await showDelivery(database, id)
  if (found === null) return { id, replayed: false, why: 'absent' }
  if (found.isPruned) return { id, replayed: false, why: 'pruned' }
  if (found.status === 'succeeded' && reason === undefined) return { id, replayed: false, why: 'succeeded' }
  if (found.status !== 'succeeded' && reason !== undefined) return { id, replayed: false, why: 'not-succeeded' }
  const statement =
    reason === undefined
      ? bind(STATEMENTS.replay, [[id], afterMs])
      : bind(STATEMENTS.replayByForce, [id, reason, afterMs])
  const [result] = await asService(database, [statement])
  const as = result!.rows[0]?.[0]
  if (as === undefined || as === null) return { id, replayed: false, why: 'running' }
  hint(WORKER)
  return { id, replayed: true, as }
}

/** How many events are to be processed again. */
export interface ReplayManyOptions extends Pick<ReplayOptions, 'force'> {
  /** How many of them become due in a minute. Default 600: what comes meanwhile has its turn too. */
  readonly perMinute?: number
}

/**
 * Has many events processed again: those of these ids in the order given, or what a filter finds, the oldest first. They become due one
 * after the other, because a thousand at once would stand before everything that comes. Throws a `TypeError` for a pace that is none.
 *
 * @example
 * const replayed = await replayDeliveries(db, { webhook: 'stripe', status: 'dead', since: yesterday, limit: 1_000 })
 */
export async function replayDeliveries(
  database: InboxHome,
  which: DeliveryFilter | readonly string[],
  { perMinute = 600, ...options }: ReplayManyOptions = {},
): Promise<Replayed[]> {
  const paceMs = 60_000 / wholeNumber('perMinute', perMinute, 1, 60_000)
  const ids = isList(which) ? which : (await listDeliveries(database, which)).map(({ id }) => id).toReversed()
  const came: Replayed[] = []
  let before = 0
  for (const id of ids) {
    const one = await replayDelivery(database, id, { ...options, afterMs: Math.round(before * paceMs) })
    if (one.replayed) before += 1
    came.push(one)
  }
  return came
}

function isList(which: DeliveryFilter | readonly string[]): which is readonly string[] {
  return Array.isArray(which)
}
