import type { EnqueueBy } from './database/scope.js'
import { type HandlerRun, NotBegun, type Opened, type Processed, type Started } from './inbox/attempt.js'
import type { InboxDatabase } from './inbox/as-service.js'
import { eventOf } from './inbox/inbox-row.js'
import { PermanentError } from './inbox/permanent-error.js'
import { processWhenFree } from './inbox/process-when-free.js'
import { giveBack, record, statusOf } from './inbox/record.js'
import { WORKER } from './inbox/store.js'
import { withTimeLimit } from './inbox/time-limit.js'
import type { Events } from './events.js'
import { logOf } from './log.js'
import type { WebhookPlan } from './webhook-plan.js'
import { checkedData } from './webhook-rows.js'

/** Where events are processed. */
export interface ProcessOptions {
  readonly database: InboxDatabase
  readonly events: Events
  readonly strict: boolean
  /** Puts a job into the queue, in the handler's transaction. */
  readonly jobs: { readonly enqueue: EnqueueBy } | null
}

/** What became of an attempt. */
export type Outcome =
  /** It is final: this attempt’s doing or another’s. */
  | 'done'
  /** No further attempt is made. */
  | 'dead'
  /** It is tried again when its backoff is over. */
  | 'failed'
  /** Somebody else is at it, or it could not begin. */
  | 'later'

type Processing = ProcessOptions & { readonly requestId: string }

/** One attempt, from its event to what became of it. It never throws. */
export function processEvent(
  plan: WebhookPlan,
  started: Started,
  text: string | null,
  options: Processing,
): Promise<Outcome> {
  return attempted(plan, started, options, async () =>
    processWhenFree(options.database, started, await handlerRunOf(plan, started, text, options)),
  )
}

/** The same where its transaction has begun. */
export function processOpened(
  plan: WebhookPlan,
  started: Started,
  { run, opened }: { readonly run: HandlerRun; readonly opened: Opened },
  options: Processing,
): Promise<Outcome> {
  return attempted(plan, started, options, () => processWhenFree(options.database, started, run, opened))
}

async function attempted(
  plan: WebhookPlan,
  started: Started,
  { events, database }: ProcessOptions,
  work: () => Promise<Processed>,
): Promise<Outcome> {
  const began = performance.now()
  const told = { webhook: plan.name, delivery: started.id, eventType: started.eventType, attempt: started.attempt }
  try {
    const processed = await work()
    if (processed.kind === 'succeeded')
      events.emit({ type: 'webhook.processed', ...told, ms: performance.now() - began })
    if (processed.kind === 'exhausted')
      throw new PermanentError('The process ended in each of its attempts, before any of them could say why')
    return await outcomeOf(processed, started, database)
  } catch (error) {
    return await failed(error, { ...told, ms: performance.now() - began, started, database, events })
  }
}

/** The function of an event, ready to be run in its transaction. Throws where its data or `prepare` says no. */
export async function handlerRunOf(
  plan: WebhookPlan,
  { id: idempotencyKey, attempt }: Pick<Started, 'id' | 'attempt'>,
  text: string | null,
  { requestId, events, strict, jobs }: Omit<ProcessOptions, 'database'> & { readonly requestId: string },
): Promise<HandlerRun> {
  if (text === null) throw new PermanentError('The body of this event was pruned: only its identity is kept')
  const { type, data: raw, ...event } = eventOf(text)
  const handler = plan.handlers.get(type)
  if (handler === undefined) throw new PermanentError(`The webhook ${plan.name} handles no ${type}`)
  const log = logOf(events, requestId)
  const data = await checkedData(handler, raw)
  const known = { ...event, type, data, attempt }
  const prepared = await preparedFor(plan, { event: known, idempotencyKey, log })
  return {
    timeMs: plan.deadlineMs,
    strict,
    enqueue: jobs?.enqueue,
    async run({ db, signal, receivedAt }) {
      events.emit({ type: 'function.called', requestId })
      const context = { event: { ...known, receivedAt }, db, idempotencyKey, prepared, signal, log }
      await handler.run(context as never)
    },
  }
}

async function preparedFor({ prepare, deadlineMs }: WebhookPlan, context: object): Promise<unknown> {
  if (prepare === null) return undefined
  return withTimeLimit(deadlineMs, async (signal) => prepare({ ...context, signal } as never))
}

async function outcomeOf(processed: Processed, started: Started, database: InboxDatabase): Promise<Outcome> {
  if (processed.kind === 'final') return processed.status === 'dead' ? 'dead' : 'done'
  // Busy with another of its key: this attempt was none. Of a row that is held for long another is on its way.
  if (processed.kind === 'elsewhere' && processed.by === 'key') await giveBack(database, started, 500)
  return processed.kind === 'elsewhere' ? 'later' : 'done'
}

export interface Failed {
  readonly webhook: string
  readonly delivery: string
  readonly eventType: string
  readonly attempt: number
  readonly ms: number
  readonly started: Started
  readonly database: InboxDatabase
  readonly events: Events
}

/** Keeps why it failed. Where even that fails the lease ends by itself, and only the reason is lost. */
export async function failed(error: unknown, { started, database, events, ...told }: Failed): Promise<Outcome> {
  try {
    if (error instanceof NotBegun) {
      events.emit({ type: 'webhook.failed', ...told, dead: false, retryAt: null, error: error.cause })
      await giveBack(database, started, 1_000)
      return 'later'
    }
    const recorded = await record(database, started, error)
    if (recorded === null) {
      // A COMMIT that was never answered may have been one all the same.
      const status = await statusOf(database, started.id)
      if (status === 'succeeded') return 'done'
      events.emit({ type: 'webhook.failed', ...told, dead: status === 'dead', retryAt: null, error })
      return status === 'dead' ? 'dead' : 'later'
    }
    events.emit({ type: 'webhook.failed', ...told, ...recorded, error })
    return recorded.dead ? 'dead' : 'failed'
  } catch (again) {
    events.emit({ type: 'webhook.failed', ...told, dead: false, retryAt: null, error })
    events.emit({ type: 'worker.failed', worker: WORKER, error: again })
    return 'later'
  }
}
