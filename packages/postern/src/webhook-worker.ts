import { allDue, claim, type Claimed, type Processable } from './inbox/claim.js'
import { strandedDeliveries } from './inbox/deliveries.js'
import { pruneOnce } from './inbox/prune.js'
import { giveBack } from './inbox/record.js'
import { WORKER } from './inbox/store.js'
import type { DefinedWebhooks } from './webhooks-defined.js'
import { processEvent, type ProcessOptions } from './webhook-process.js'
import { hint } from './workers/hints.js'
import { takeTurns } from './workers/take-turns.js'
import type { RunningWorker, Worker } from './workers/worker.js'

export interface WebhookWorkerOptions extends ProcessOptions {
  readonly webhooks: DefinedWebhooks
}

/** How late an event may be found that nobody gave a hint of: what another process has stored, what failed, what others died of. */
const EVERY_MS = 1_000

/** Processes what the inbox holds and nobody waits for. Any number may run, in any number of processes. */
export function webhookWorker(options: WebhookWorkerOptions): Worker {
  return { name: WORKER, start: async () => start(options) }
}

function start(options: WebhookWorkerOptions): RunningWorker {
  const { webhooks, database, events } = options
  const turns = webhooks.turns(database.kind)
  let tidyAt = 0
  const stopTaking = takeTurns({
    worker: WORKER,
    everyMs: EVERY_MS,
    onFailure: (error) => events.emit({ type: 'worker.failed', worker: WORKER, error }),
    async turn() {
      // Whatever ends gives a hint, so nothing is missed while all turns are taken.
      const { free } = turns
      if (free <= 0) return EVERY_MS
      if (performance.now() >= tidyAt) {
        tidyAt = performance.now() + TIDY_MS
        await tidy(options)
      }
      const claimed = await claim(database, processable(webhooks), free)
      for (const each of claimed) void runClaimed(each, options).then(() => hint(WORKER))
      return claimed.length === free ? 0 : EVERY_MS * (0.75 + Math.random() / 4)
    },
  })
  return {
    async stop(graceMs) {
      const ended = stopTaking().then(() => turns.ended())
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))
      await Promise.race([ended, late])
      clearTimeout(timer)
    },
  }
}

/** Now and then: what nobody needs any more goes, a batch at a time, and what nobody can process is named. */
async function tidy({ webhooks, database, events }: WebhookWorkerOptions): Promise<void> {
  await pruneOnce(database)
  for (const { webhook, type, count } of await strandedDeliveries(database, processable(webhooks))) {
    const message = `The inbox holds ${count} of ${webhook}, ${type}, that no webhook of this program handles`
    events.emit({
      type: 'database.warning',
      message,
      hint: 'They stay until one does: was a handler renamed or taken away?',
    })
  }
}

/** An hour. */
const TIDY_MS = 3_600_000

function processable(webhooks: DefinedWebhooks): Processable[] {
  return webhooks.all.flatMap(({ name, leaseMs, handlers }) =>
    [...handlers.keys()].map((eventType) => ({ endpoint: name, eventType, leaseMs })),
  )
}

async function runClaimed(claimed: Claimed, options: WebhookWorkerOptions): Promise<void> {
  const { webhooks, database } = options
  const plan = webhooks.get(claimed.endpoint)!
  const run = async () => {
    await processEvent(plan, claimed, claimed.event, { ...options, requestId: claimed.id })
    return true
  }
  const ran = await webhooks.turns(database.kind).run(0, run)
  // A request was quicker and has the turn: somebody else may take the event, or this one with its next look.
  if (ran === undefined) await giveBack(database, claimed, 0).catch(() => {})
}

/** Processes all that waits, whenever it is due, until nothing is left that can be: for tests. */
export async function drainWebhooks(options: WebhookWorkerOptions): Promise<void> {
  const { webhooks, database } = options
  await allDue(database)
  for (;;) {
    const claimed = await claim(database, processable(webhooks), 50)
    if (claimed.length === 0) return
    for (const each of claimed)
      await processEvent(webhooks.get(each.endpoint)!, each, each.event, { ...options, requestId: each.id })
  }
}
