import { SERVICE } from '../database/identity.js'
import { bind } from '../database/paved/prepared.js'
import type { Statement } from '../database/statement.js'
import { againOnConflict, type InboxDatabase } from './as-service.js'
import { EndedTransaction, handle, type HandlerRun, inUnit, NotBegun } from './attempt.js'
import type { InboxRow } from './inbox-row.js'
import { STATEMENTS } from './statements.js'
import { withTimeLimit } from './time-limit.js'

/** What came of an event that is stored with its effects. */
export type AtOnce =
  /** There are both. */
  | 'succeeded'
  /** It was there before. */
  | 'duplicate'
  /** A copy of it is being processed: what becomes of that is not known yet. */
  | 'busy'

/**
 * The event, its effects and that it is done, in one transaction and one commit. What throws leaves nothing behind, not even the
 * event.
 */
export function processAtOnce(
  database: InboxDatabase,
  row: InboxRow & { readonly id: string },
  handler: HandlerRun,
): Promise<AtOnce> {
  return withTimeLimit(handler.timeMs, (signal) =>
    againOnConflict(() =>
      inUnit(database, { signal, timeMs: handler.timeMs }, async (unit): Promise<AtOnce> => {
        const begun = await unit.runAll(SERVICE, begin(row)).catch((error: unknown) => {
          if ((error as { code?: unknown }).code === '55P03') return 'busy' as const
          throw new NotBegun('The event could not be stored', { cause: error })
        })
        if (begun === 'busy') return 'busy'
        const [transaction, receivedAt] = begun[1]!.rows[0] ?? []
        if (transaction === undefined) return 'duplicate'
        await handle(database, unit, { ...handler, signal }, { receivedAt: new Date(receivedAt!) })
        const last = bind(STATEMENTS.sameTransaction, [transaction])
        await unit.commit({ identity: SERVICE, statements: [last] }).catch((error: unknown) => {
          throw (error as { code?: unknown }).code === '22012' ? new EndedTransaction() : error
        })
        return 'succeeded'
      }),
    ),
  )
}

function begin(row: InboxRow & { readonly id: string }): Statement[] {
  const insert = bind(STATEMENTS.storeDone, [
    row.id,
    row.endpoint,
    row.dedupeKey,
    row.eventType,
    row.eventAt,
    row.event,
    row.body === null ? null : Buffer.from(row.body),
    row.bodySha256,
    row.guardsBody,
    row.headers,
    row.maxAttempts,
    row.keepMs,
  ])
  return [bind(STATEMENTS.waitBriefly, []), insert, bind(STATEMENTS.waitAsEver, [])]
}
