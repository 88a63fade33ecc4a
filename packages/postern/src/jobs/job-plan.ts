import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Principal } from '../principal.js'

/** A job, read and checked when it is defined. */
export interface JobPlan {
  readonly name: string
  readonly input: StandardSchemaV1 | null
  readonly schedule: Schedule | null
  /** How often it is tried before it is dead. */
  readonly attempts: number
  /** The first pause before another attempt, in seconds; each is about twice the one before. */
  readonly backoffSeconds: number
  /** The longest one attempt may take, in milliseconds. */
  readonly timeoutMs: number
  /** `request`: what it writes and its own completion are one transaction. `statement`: each statement is its own. */
  readonly transaction: 'request' | 'statement'
  readonly run: (context: never) => unknown
}

/** When a job runs by itself. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** Where the clock hangs that it means: `Europe/Zurich`. */
  readonly timeZone: string
}

/** A job as it lies in the queue. */
export interface StoredJob {
  readonly input: unknown
  /** Whose work it is; `null` is the service's. */
  readonly principal: Principal | null
  /** The organization that the principal worked in, proven or merely named: policies ask for membership again. */
  readonly organization: string | null
  /** The tick of its schedule, as ISO 8601. */
  readonly scheduledFor?: string
}

/** One attempt at a job. */
export interface Attempt {
  readonly id: string
  readonly plan: JobPlan
  readonly data: StoredJob
  /** From 1 on. */
  readonly number: number
  readonly isLast: boolean
}
