import { askSchema } from '../ask-schema.js'
import { identityOf, SERVICE } from '../database/identity.js'
import { Unawaited } from '../database/pending.js'
import { scopeOf } from '../database/scope.js'
import { runInUnit } from '../database/unit-store.js'
import { logOf } from '../log.js'
import type { JobPlan } from './job-plan.js'
import type { Jobs } from './jobs.js'
import { complete, type Taken } from './queue.js'
import { toSentence } from './to-sentence.js'

/** Why an attempt need not be made again: it would come to the same. */
export class Hopeless extends Error {}

/** Another attempt has done it, or has it now: what this one did is undone, and that is no failure. */
export class Overtaken extends Error {}

/**
 * One attempt. What the function writes and that its job is done are one transaction: whatever ends it before its COMMIT leaves
 * neither, so that it can be made again. A second attempt beside it, because this process was taken for dead, can't have its
 * effects as well: the job is completed once, and whoever finds it completed undoes what it did.
 */
export async function runAttempt(jobs: Jobs, plan: JobPlan, taken: Taken, signal: AbortSignal): Promise<void> {
  const { database, events, strict } = jobs.home
  const { id, data } = taken
  const input = await passing(plan, data.input)
  const boss = await jobs.boss()
  const unit = database.unit({ mode: plan.transaction, signal })
  // A function that never returns must not keep its connection.
  const giveUp = () => void unit.close()
  signal.addEventListener('abort', giveUp)
  try {
    const unawaited = new Unawaited(strict)
    const { principal } = data
    const db = scopeOf({
      schema: database.schema,
      unit,
      identity: principal === null ? SERVICE : identityOf(principal, data.organization ?? undefined),
      principal,
      enqueue: jobs.enqueue,
      unawaited,
      onService: (reason) => events.emit({ type: 'service.entered', requestId: id, reason }),
    })
    const context = {
      ...(plan.input === null ? {} : { input }),
      ...(plan.schedule === null ? {} : { scheduledFor: new Date(data.scheduledFor ?? Date.now()) }),
      db,
      principal,
      log: logOf(events, id),
      signal,
      jobId: id,
      idempotencyKey: id,
      attempt: taken.attempt,
    }
    await runInUnit(unit, () => orAborted(signal, async () => plan.run(context as never)))
    const forgotten = unawaited.forgotten()
    if (forgotten.length > 0) throw new Error(`${forgotten.join('; ')}. Await it, or return it.`)
    if (!(await complete(boss, unit, plan.name, id))) throw new Overtaken(`Another attempt at ${plan.name} was first`)
    await unit.commit()
  } finally {
    signal.removeEventListener('abort', giveUp)
    await unit.close()
  }
}

/** Asked anew: the job may have been enqueued by an older version of the code. */
async function passing({ name, input: schema }: JobPlan, value: unknown): Promise<unknown> {
  if (schema === null) return undefined
  const result = await askSchema(schema, value)
  if (result.issues === undefined) return result.value
  throw new Hopeless(`The stored input of job ${name} does not pass its schema: ${toSentence(result.issues)}`)
}

async function orAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let giveUp!: () => void
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason)
    signal.addEventListener('abort', giveUp)
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
