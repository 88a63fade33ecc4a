import { inTransaction } from '../database/unit.js'
import type { JobPlan } from './job-plan.js'
import type { Jobs } from './jobs.js'
import { fail, type Taken } from './queue.js'
import { Hopeless, Overtaken, runAttempt } from './run-attempt.js'

/** What came of an attempt. */
export type AttemptOutcome =
  | { readonly state: 'done' }
  /** It is tried again, later. */
  | { readonly state: 'failed'; readonly error: unknown }
  /** It was the last. */
  | { readonly state: 'dead'; readonly error: unknown }
  /** Another process had it done, or has it. */
  | { readonly state: 'overtaken' }

/** Makes an attempt, and says in the database and by an event what came of it. Throws where the failure can't be said. */
export async function doAttempt(
  jobs: Jobs,
  plan: JobPlan,
  taken: Taken,
  { process, stop }: { readonly process: string; readonly stop: AbortSignal },
): Promise<AttemptOutcome> {
  const { events } = jobs.home
  const { id: jobId, attempt } = taken
  const about = { job: plan.name, jobId, attempt, principalId: taken.data.principal?.id ?? null }
  const began = performance.now()
  const ms = () => performance.now() - began
  const timer = new AbortController()
  const late = setTimeout(() => timer.abort(new Error(`It took longer than ${plan.timeoutMs} ms`)), plan.timeoutMs)
  try {
    await runAttempt(jobs, plan, taken, AbortSignal.any([timer.signal, stop]))
    events.emit({ type: 'job.done', ...about, ms: ms() })
    return { state: 'done' }
  } catch (error) {
    if (error instanceof Overtaken) return { state: 'overtaken' }
    const forGood = error instanceof Hopeless
    const isMine = await tellFailed(jobs, plan, { taken, process, error, forGood })
    // Its COMMIT was not answered and did happen, or somebody else has it by now.
    if (!isMine) return { state: 'overtaken' }
    const isDead = forGood || taken.isLast
    events.emit({ type: isDead ? 'job.dead' : 'job.failed', ...about, ms: ms(), error })
    return { state: isDead ? 'dead' : 'failed', error }
  } finally {
    clearTimeout(late)
  }
}

interface Failed {
  readonly taken: Taken
  readonly process: string
  readonly error: unknown
  readonly forGood: boolean
}

async function tellFailed(jobs: Jobs, { name }: JobPlan, { taken, process, error, forGood }: Failed): Promise<boolean> {
  const boss = await jobs.boss()
  // For whoever looks into the queue; the stack is for the log.
  const output = { message: storable(error instanceof Error ? error.message : String(error)) }
  return inTransaction(jobs.home.database.unit({ mode: 'request' }), (unit) =>
    fail(boss, unit, { name, id: taken.id, process, output, forGood }),
  )
}

/**
 * A text that jsonb holds: without NUL, and with U+FFFD for half of a character. What a service answered may be in an error, and
 * a failure that can't be written down would leave the job in this process's hands until its time is past.
 */
function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '')).toString()
}
