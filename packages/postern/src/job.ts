import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Schema, Scope, ServiceScope } from './database/scope-types.js'
import { isForeign } from './foreign-database.js'
import { type Job, JOB } from './job-type.js'
import { assertSchedule } from './jobs/cron.js'
import type { JobPlan, Schedule } from './jobs/job-plan.js'
import { JobWorker } from './jobs/job-worker.js'
import type { Log } from './log.js'
import type { Principal } from './principal.js'
import type { EndpointOptions } from './runtime.js'
import type { Awaitable } from './slots.js'
import { wholeNumber } from './whole-number.js'
import { callSite, lineOf } from './database/call-site.js'

/** Every slot that a job can have. */
export interface JobSlots {
  /** Unique, and for good: what lies in the queue is known by it. Small letters, digits and hyphens. */
  readonly name: string
  /** How often it is tried before it is dead. Default 10. */
  readonly attempts?: number
  /** The pause before the second attempt, in seconds; each is about twice the one before, and jittered. Default 5. */
  readonly backoffSeconds?: number
  /** The longest that one attempt may take, in milliseconds; `signal` is aborted then. Default 60,000. */
  readonly timeoutMs?: number
  /**
   * `request` (the default): what the function writes and that the job is done are one transaction, so its effects in the database happen
   * exactly once. `statement`: each statement is its own, for what waits long for the outside world; after a crash it is done again.
   */
  readonly transaction?: 'request' | 'statement'
}

/** When a job runs by itself: five fields of cron, in UTC or where a time zone says. */
export type ScheduleSlot = string | { readonly cron: string; readonly timeZone: string }

interface Always {
  readonly log: Log
  /** Aborted when its time is up, and when the process ends. */
  readonly signal: AbortSignal
  readonly jobId: string
  /** For a service outside: the same over all attempts at this job, and no other job's. */
  readonly idempotencyKey: string
  /** From 1 on. */
  readonly attempt: number
}

/** A job of the service's: every row is visible and writable. */
interface OfService<D extends Schema> {
  readonly principal: null
  readonly db: ServiceScope<D>
}

/** A job that a principal enqueued is done in that principal's scope; one that the service enqueued is the service's. */
type Whose<D extends Schema> = { readonly principal: Principal; readonly db: Scope<D> } | OfService<D>

/** The constructor of jobs for one backend. */
export interface JobConstructor<D extends Schema> {
  /** Work after the response, with an input. */
  <S extends StandardSchemaV1>(
    slots: JobSlots & { readonly input: S; readonly schedule?: 'schedule goes without input' },
    run: (context: Always & Whose<D> & { readonly input: StandardSchemaV1.InferOutput<S> }) => Awaitable<unknown>,
  ): Job<StandardSchemaV1.InferInput<S>>
  /** Work that a clock begins, once for each tick, however many processes there are. */
  (
    slots: JobSlots & { readonly schedule: ScheduleSlot },
    run: (context: Always & OfService<D> & { readonly scheduledFor: Date }) => Awaitable<unknown>,
  ): Job<undefined>
  /** Work after the response. */
  (slots: JobSlots, run: (context: Always & Whose<D>) => Awaitable<unknown>): Job<undefined>
}

/** Makes the constructor of jobs for a backend. */
export function jobOf<D extends Schema>(options: EndpointOptions): JobConstructor<D> {
  return ((
    slots: JobSlots & { readonly input?: StandardSchemaV1; readonly schedule?: ScheduleSlot },
    run: (context: never) => unknown,
  ) => {
    const { jobs, workers, database } = options
    if (isForeign(database) || jobs === null) {
      throw new TypeError(`job() needs database(): the job ${slots.name} is stored in the transaction that enqueues it`)
    }
    const plan = planOfJob(slots, run)
    const facts = {
      kind: 'job',
      name: plan.name,
      auth: plan.schedule === null ? 'whoever enqueued it' : 'service',
      body: plan.input !== null,
      schedule: plan.schedule,
      place: lineOf(callSite()),
    }
    jobs.define(plan, facts)
    workers.ensure('jobs', () => new JobWorker(jobs))
    return Object.freeze({ name: plan.name, [JOB]: {} })
  }) as JobConstructor<D>
}

function planOfJob(
  slots: JobSlots & { readonly input?: StandardSchemaV1; readonly schedule?: ScheduleSlot },
  run: (context: never) => unknown,
): JobPlan {
  const { name, input, attempts = 10, backoffSeconds = 5, timeoutMs = 60_000, transaction = 'request' } = slots
  if (!NAME.test(name)) {
    throw new TypeError(`A job is named by small letters, digits and hyphens, as send-receipt: "${name}" is none`)
  }
  if (typeof run !== 'function') throw new TypeError(`The job ${name} needs a function`)
  const schedule = scheduleOf(slots.schedule)
  if (schedule !== null) {
    if (input !== undefined) throw new TypeError(`The job ${name} has a schedule, so nobody gives it an input`)
    assertSchedule(name, schedule)
  }
  return {
    name,
    input: input ?? null,
    schedule,
    attempts: wholeNumber('attempts', attempts, 1, 100),
    backoffSeconds: wholeNumber('backoffSeconds', backoffSeconds, 1, 3_600),
    timeoutMs: wholeNumber('timeoutMs', timeoutMs, 1, LONGEST_MS),
    transaction,
    run,
  }
}

/** No slash and no dot: a name is never a URL. */
const NAME = /^[a-z][a-z0-9-]{0,60}$/
/** pg-boss lets no job run for a day. */
const LONGEST_MS = 23 * 3_600_000

function scheduleOf(slot: ScheduleSlot | undefined): Schedule | null {
  if (slot === undefined) return null
  return typeof slot === 'string' ? { cron: slot, timeZone: 'UTC' } : slot
}
