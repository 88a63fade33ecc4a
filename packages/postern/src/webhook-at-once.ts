import { idOf, type InboxRow } from './inbox/inbox-row.js'
import { EndedTransaction, NotBegun } from './inbox/attempt.js'
import { type AtOnce, processAtOnce } from './inbox/process-at-once.js'
import { store } from './inbox/store.js'
import type { WebhookPlan } from './webhook-plan.js'
import { failed, handlerRunOf, type Outcome, type ProcessOptions } from './webhook-process.js'

/** What became of an event that is stored with its effects or not at all, and whether a worker owns what failed. */
export interface AtOnceOutcome {
  readonly outcome: Outcome | Exclude<AtOnce, 'succeeded'>
  readonly isOwned: boolean
}

/**
 * Mode `one-commit`: the event and its effects are one commit. Where its function fails the event is stored after all, with what went
 * wrong, so that it is tried again and does not depend on a provider who comes again. Only a process that dies leaves nothing.
 */
export async function processEventAtOnce(
  plan: WebhookPlan,
  unnamed: InboxRow,
  options: ProcessOptions & { readonly requestId: string },
): Promise<AtOnceOutcome> {
  const { database, events } = options
  const row = { ...unnamed, id: idOf(unnamed) }
  const { endpoint, eventType, orderingKey } = row
  const started = { id: row.id, attempt: 1, endpoint, eventType, orderingKey }
  const told = { webhook: plan.name, delivery: row.id, eventType, attempt: 1 }
  const began = performance.now()
  try {
    const run = await handlerRunOf(plan, started, row.event, options)
    const came = await processAtOnce(database, row, run)
    if (came !== 'succeeded') return { outcome: came, isOwned: false }
    events.emit({ type: 'webhook.processed', ...told, ms: performance.now() - began })
    return { outcome: 'done', isOwned: false }
  } catch (error) {
    if (error instanceof NotBegun) throw error.cause
    // What it made final is the event as well, so nothing is tried again; somebody has to hear of it.
    const ms = performance.now() - began
    if (error instanceof EndedTransaction)
      events.emit({ type: 'webhook.failed', ...told, ms, dead: true, retryAt: null, error })
    const stored = await store(database, [row], { begins: true, leaseMs: plan.leaseMs })
    // It was final after all, though its COMMIT was never answered; or a copy was quicker.
    if (stored.rows[0]!.kind === 'duplicate') return { outcome: 'duplicate', isOwned: stored.hasWorker }
    return { outcome: await failed(error, { ...told, ms, started, database, events }), isOwned: stored.hasWorker }
  }
}
