import { randomUUID } from 'node:crypto'
import type { Opened } from './inbox/attempt.js'
import { giveBackUnheard } from './inbox/give-back-unheard.js'
import type { InboxRow } from './inbox/inbox-row.js'
import { store, type StoreResult } from './inbox/store.js'
import { storeAndOpen } from './inbox/store-and-open.js'
import type { Turns } from './inbox/turns.js'
import { isProblem } from './problems.js'
import type { WebhookPlan } from './webhook-plan.js'
import { handlerRunOf, type Outcome, processOpened, type ProcessOptions } from './webhook-process.js'

/** An event on its way: it is stored, and then processed. */
export interface Inline {
  /** `null` where it was not tried: no turn came, or its data need another look. Rejected where it could not be stored. */
  readonly stored: Promise<(StoreResult & { readonly opened?: Opened }) | null>
  /** What became of it, where `opened` is there. It never rejects. */
  readonly outcome: Promise<Outcome>
}

interface InlineOptions extends ProcessOptions {
  readonly requestId: string
  readonly turns: Turns
  /** How long it may wait for a turn before it is stored, in milliseconds: the provider waits, and copies of it too. */
  readonly waitMs: number
}

/**
 * Mode `inline`, with store and start in one round trip; `null` for what can’t begin so. `prepare` comes between the two, an ordering
 * key may hold the event back.
 */
export function storeAndProcess(
  plan: WebhookPlan,
  unnamed: InboxRow,
  { turns, waitMs, ...options }: InlineOptions,
): Inline | null {
  if (plan.prepare !== null || unnamed.orderingKey !== null || unnamed.status !== 'received') return null
  const row = { ...unnamed, id: randomUUID() }
  const { id, endpoint, eventType, orderingKey } = row
  const started = { id, attempt: 1, endpoint, eventType, orderingKey }
  let tell!: Telling
  const stored = new Promise<Awaited<Inline['stored']>>((resolve, reject) => (tell = { resolve, reject }))
  const work = async (): Promise<Outcome> => {
    // A schema that fails by itself says why where attempts are recorded.
    const run = await handlerRunOf(plan, started, row.event, options).catch(() => null)
    if (run === null) return 'later'
    const came = await storeAndOpen(options.database, row, { begins: true, leaseMs: plan.leaseMs, timeMs: run.timeMs })
    tell.resolve(came)
    const { opened } = came
    return opened === undefined ? 'later' : processOpened(plan, started, { run, opened }, options)
  }
  const outcome = turns.run(waitMs, work).then(
    (came): Outcome => {
      tell.resolve(null)
      return came ?? 'later'
    },
    (error: unknown): Outcome => {
      if (isUnheard(error)) giveBackUnheard({ database: options.database, id, leaseMs: plan.leaseMs, turns })
      tell.reject(error)
      return 'later'
    },
  )
  return { stored, outcome }
}

/** Stores an event that is begun here and now, but cannot be in the same round trip. */
export async function storeAndBegin(
  plan: WebhookPlan,
  unnamed: InboxRow,
  { database, turns }: Pick<InlineOptions, 'database' | 'turns'>,
): Promise<StoreResult> {
  const { leaseMs } = plan
  const row = { ...unnamed, id: randomUUID() }
  try {
    return await store(database, [row], { begins: true, leaseMs })
  } catch (error) {
    if (isUnheard(error)) giveBackUnheard({ database, id: row.id, leaseMs, turns })
    throw error
  }
}

/** It may be stored. Any other error has stored nothing. */
function isUnheard(error: unknown): boolean {
  return isProblem(error) && error.code === 'outcome-unknown'
}

interface Telling {
  readonly resolve: (value: Awaited<Inline['stored']>) => void
  readonly reject: (error: unknown) => void
}
