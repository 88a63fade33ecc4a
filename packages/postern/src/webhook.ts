import { deepCallSite } from './database/call-site.js'
import type { Database } from './database/database.js'
import type { Schema } from './database/scope-types.js'
import { isForeign } from './foreign-database.js'
import { ENDPOINT_FACTS, type Handler, type HandlerFunction } from './handler.js'
import { requestIdOf } from './http/request-id.js'
import { startAgain } from './inbox/claim.js'
import { giveBack } from './inbox/record.js'
import { type Stored, store, WORKER } from './inbox/store.js'
import type { InboxRow } from './inbox/inbox-row.js'
import { problem, type Problem } from './problems.js'
import { type EndpointOptions, RUNTIME } from './runtime.js'
import type { Verdict } from './signers/signer.js'
import { refusalOf, respondToProblem, respondWith } from './stages/respond.js'
import { tellReceived } from './tell-received.js'
import { isChanged, readDelivery } from './webhook-delivery.js'
import { processEventAtOnce } from './webhook-at-once.js'
import { factsOfWebhook, type WebhookPlan, webhookPlanOf } from './webhook-plan.js'
import { type Inline, storeAndBegin, storeAndProcess } from './webhook-inline.js'
import { type Outcome, processEvent } from './webhook-process.js'
import { rowsOf, unreadableRow } from './webhook-rows.js'
import type { Webhook } from './webhook-slots.js'
import { webhookWorker } from './webhook-worker.js'
import { hint } from './workers/hints.js'

type Slots = Parameters<typeof webhookPlanOf>[0]

/** The constructor of webhooks for one backend. */
export function webhookOf<D extends Schema>(options: EndpointOptions): Webhook<D> {
  return ((slots: Slots) => {
    const plan = webhookPlanOf(slots)
    const { database } = options
    if (isForeign(database))
      throw new TypeError('webhook() needs database(): the event is marked in the transaction of its effects')
    options.webhooks.add(plan, deepCallSite())
    options.workers.ensure(WORKER, () => webhookWorker({ ...options, database }))
    const handler: HandlerFunction = (request) => answer(request, { plan, options, database })
    Object.assign(handler, { [ENDPOINT_FACTS]: factsOfWebhook(plan) })
    return Object.defineProperty(handler, RUNTIME, { value: options }) as Handler
  }) as unknown as Webhook<D>
}

interface Receiving {
  readonly plan: WebhookPlan
  readonly options: EndpointOptions
  readonly database: Database<Schema>
}

/** One delivery: it never throws. */
async function answer(request: Request, receiving: Receiving): Promise<Response> {
  const { events, trustProxy } = receiving.options
  const requestId = requestIdOf(request, { trustProxy })
  const tellAnswered = events.areHeard ? tellReceived(request, requestId, trustProxy, events) : undefined
  const around = { request, requestId, trustProxy }
  try {
    const response = respondWith(await receive(request, requestId, receiving), around)
    tellAnswered?.(response.status, null, null)
    return response
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    events.emit({ type: 'request.refused', requestId, code: refusal.code, principalId: null })
    if (refusal !== thrown) events.emit({ type: 'request.failed', requestId, error: thrown })
    const response = respondToProblem(refusal, around)
    tellAnswered?.(response.status, null, refusal.code)
    return response
  }
}

/** The steps of a delivery, in the only order there is: nothing touches the database before the signature holds. */
async function receive(request: Request, requestId: string, receiving: Receiving): Promise<Response> {
  const { plan, options } = receiving
  if (request.method !== 'POST') throw problem('method-not-allowed', undefined, { headers: { allow: 'POST' } })
  const began = performance.now()
  const delivery = await readDelivery(request, plan, {
    trustProxy: options.trustProxy,
    receiveMs: options.limits.receiveMs,
  })
  const now = new Date()
  const verdict = judgedByAge(plan, await plan.signer.verify(delivery, now), now)
  if (verdict.kind === 'handshake') return verdict.response
  if (verdict.kind === 'refused') throw refusedBy(verdict, requestId, receiving, isChanged(delivery))
  const rows =
    verdict.kind === 'unreadable'
      ? [unreadableRow(plan, delivery, verdict.reason)]
      : await rowsOf(plan, delivery, verdict.events)
  if (rows.length === 0) return done('empty')
  return take(rows, { ...receiving, requestId, began })
}

/** Genuine, and stale: the signature covers no time, so that it holds for good for whoever has captured it. */
function judgedByAge({ maxEventAge }: WebhookPlan, verdict: Verdict, now: Date): Verdict {
  if (maxEventAge === null || verdict.kind !== 'events') return verdict
  const isStale = verdict.events.some((event) => {
    const at = maxEventAge.of(event)?.getTime() ?? Infinity
    // A date that is none says nothing of its age, and would be a way around it.
    return !(at >= now.getTime() - maxEventAge.ms)
  })
  return isStale ? { kind: 'refused', reason: 'event-too-old' } : verdict
}

function refusedBy(
  { reason, skewSeconds }: Extract<Verdict, { kind: 'refused' }>,
  requestId: string,
  { plan, options }: Receiving,
  isBodyChanged: boolean,
): Problem {
  const told = { requestId, webhook: plan.name, provider: plan.signer.provider }
  options.events.emit({ type: 'webhook.refused', ...told, reason, skewSeconds: skewSeconds ?? null, isBodyChanged })
  // RFC 9110 §15.5.2: a 401 must say how one could authenticate.
  return problem('signature-invalid', undefined, { headers: { 'www-authenticate': 'Signature' } })
}

interface Taking extends Receiving {
  readonly requestId: string
  /** When the delivery came, by `performance.now()`. */
  readonly began: number
}

/**
 * Mode `one-commit`. What is not final when the provider must have its answer is owned by nobody: then it is told to come again.
 * A duplicate goes the way of all others, where it is counted.
 */
async function takeAtOnce(row: InboxRow, taking: Taking): Promise<Response | null> {
  const { plan, options, database, requestId } = taking
  const { events, strict, webhooks, jobs } = options
  const run = () => processEventAtOnce(plan, row, { database, events, strict, requestId, jobs })
  const waitMs = plan.answerMs - (performance.now() - taking.began)
  const running = webhooks.turns(database.kind).run(waitMs, run)
  const came = await inTime(running, waitMs).catch(unavailable)
  if (came?.outcome === 'duplicate') return null
  const told = { requestId, webhook: plan.name, provider: plan.signer.provider }
  events.emit({ type: 'webhook.received', ...told, events: 1, duplicates: 0 })
  if (came?.outcome === 'done' || came?.outcome === 'dead') return done('processed')
  if (came?.isOwned === true) return done('stored')
  throw problem('unavailable', undefined, { headers: { 'retry-after': came?.outcome === 'failed' ? '30' : '5' } })
}

/** Mode `inline`, where the event can be stored and begun at once. */
function takeInline(row: InboxRow, { plan, options, database, requestId, began }: Taking): Inline | null {
  const { events, strict, webhooks, jobs } = options
  const turns = webhooks.turns(database.kind)
  const waitMs = Math.min(MOST_WAIT_MS, (plan.answerMs - (performance.now() - began)) / 4)
  return storeAndProcess(plan, row, { database, events, strict, requestId, jobs, turns, waitMs })
}

/** Until then a turn is worth waiting for: what is stored without one takes two more round trips. */
const MOST_WAIT_MS = 100

/** Stores what came, and processes it while the provider waits, where that is how it is meant. */
async function take(rows: readonly InboxRow[], taking: Taking): Promise<Response> {
  const { plan, options, database, requestId } = taking
  if (plan.mode === 'one-commit' && rows.length === 1 && rows[0]!.status === 'received') {
    const answered = await takeAtOnce(rows[0]!, taking)
    if (answered !== null) return answered
  }
  const begins = plan.mode !== 'queued' && rows.length === 1
  const inline = begins && plan.mode === 'inline' ? takeInline(rows[0]!, taking) : null
  const began = await inline?.stored.catch(unavailable)
  const storing = () =>
    begins
      ? storeAndBegin(plan, rows[0]!, { database, turns: options.webhooks.turns(database.kind) })
      : store(database, rows, { begins, leaseMs: plan.leaseMs })
  const stored = began ?? (await storing().catch(unavailable))
  const duplicates = stored.rows.filter(({ kind }) => kind === 'duplicate').length
  const told = { requestId, webhook: plan.name, provider: plan.signer.provider }
  options.events.emit({ type: 'webhook.received', ...told, events: rows.length, duplicates })
  for (const row of stored.rows)
    if (row.kind === 'duplicate' && row.differs)
      options.events.emit({ type: 'webhook.differs', requestId, webhook: plan.name, delivery: row.id })
  const open = rows.flatMap((row, index) => {
    const found = stored.rows[index]!
    return found.status === 'received'
      ? [{ row, stored: found, running: began?.opened === undefined ? null : inline!.outcome }]
      : []
  })
  if (open.length === 0) return done(duplicates === rows.length ? 'duplicate' : 'stored', duplicates)
  const isOwned = stored.hasWorker
  const here = open.filter(({ stored: each }) => runsHere(each, plan, isOwned))
  const outcomes = await withinTime(here, taking)
  const settled = outcomes.filter((outcome) => outcome === 'done' || outcome === 'dead').length
  if (settled === open.length) return done('processed', duplicates)
  hint(WORKER)
  if (isOwned) return done('stored', duplicates)
  // Nobody but the provider would try again: it must not be told that all is well.
  throw problem('unavailable', undefined, { headers: { 'retry-after': outcomes.includes('failed') ? '30' : '5' } })
}

/** Where a worker runs, whatever is not begun here is its: an answer that comes soon is worth more than one that says more. */
function runsHere(stored: Stored, { mode }: WebhookPlan, isOwned: boolean): boolean {
  return hasBegun(stored) || (mode !== 'queued' && !isOwned)
}

function hasBegun(stored: Stored): boolean {
  return stored.kind === 'fresh' && stored.begun
}

interface Open {
  readonly row: InboxRow
  readonly stored: Stored
  /** What becomes of it, where it is being processed already. */
  readonly running: Promise<Outcome> | null
}

/** Runs attempts one after the other until the provider must have its answer. What runs then goes on. */
async function withinTime(open: readonly Open[], taking: Taking): Promise<Outcome[]> {
  const { plan, began } = taking
  const outcomes: Outcome[] = []
  const left = () => plan.answerMs - (performance.now() - began)
  const all = (async () => {
    for (const { row, stored, running } of open) {
      // What has begun is nobody else's until its lease ends, however long storing it took.
      if (left() <= 0 && !hasBegun(stored)) return
      outcomes.push(await (running ?? attemptHere(row, stored, left(), taking)))
    }
  })()
  if (open.length === 0) return outcomes
  await inTime(all, left())
  return [...outcomes]
}

/** What `work` comes to, or `undefined` where that takes longer: it goes on. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

async function attemptHere(row: InboxRow, stored: Stored, waitMs: number, taking: Taking): Promise<Outcome> {
  const { plan, options, database, requestId } = taking
  const { endpoint, orderingKey, eventType, event } = row
  const begun = { id: stored.id, attempt: 1, orderingKey, endpoint, eventType, event }
  const started = hasBegun(stored) ? begun : await startAgain(database, stored.id, plan.leaseMs)
  if (started === null) return 'later'
  // It came when a function was there for it, and waits for one again.
  if (!plan.handlers.has(started.eventType)) return notBegun(database, started)
  const { events, strict, jobs } = options
  const home = { database, events, strict, requestId, jobs }
  const run = () => processEvent(plan, started, started.event, home)
  const outcome = await options.webhooks.turns(database.kind).run(waitMs, run)
  return outcome ?? notBegun(database, started)
}

async function notBegun(database: Database<Schema>, started: Parameters<typeof giveBack>[1]): Promise<Outcome> {
  await giveBack(database, started, 0).catch(() => {})
  return 'later'
}

/** Whatever the database could not do, the provider is told to come again: nothing is kept in memory for it. */
function unavailable(error: unknown): never {
  const refusal = refusalOf(error)
  if (refusal.code === 'internal') throw error
  throw problem('unavailable', undefined, { cause: error, headers: { 'retry-after': '5' } })
}

/** A word for whoever reads the provider's log of deliveries. */
function done(status: 'processed' | 'stored' | 'duplicate' | 'empty', duplicates = 0): Response {
  const headers = duplicates > 0 ? { 'x-webhook-duplicate': String(duplicates) } : {}
  return Response.json({ status }, { headers })
}
