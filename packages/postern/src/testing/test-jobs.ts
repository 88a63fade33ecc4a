import { randomUUID } from 'node:crypto'
import { SERVICE } from '../database/identity.js'
import { rowsOf } from '../database/rows-over.js'
import { inTransaction } from '../database/unit.js'
import { doAttempt } from '../jobs/do-attempt.js'
import type { StoredJob } from '../jobs/job-plan.js'
import type { Jobs } from '../jobs/jobs.js'
import { take } from '../jobs/queue.js'

/** A job that waits in the queue of a backend under test. */
export interface EnqueuedJob {
  readonly job: string
  readonly jobId: string
  readonly input: unknown
  /** Whose work it is; `null` is the service's. */
  readonly principalId: string | null
  /** Not before this moment. */
  readonly startAfter: Date
}

/** A job that was run to its end. */
export interface RunJob {
  readonly job: string
  readonly jobId: string
  readonly state: 'done' | 'dead'
  readonly attempts: number
  /** Why it is dead: what its last attempt threw. */
  readonly error?: unknown
}

/** The jobs that wait, in the order in which they were enqueued. */
export async function enqueuedJobs(jobs: Jobs): Promise<EnqueuedJob[]> {
  const unit = jobs.home.database.unit({ mode: 'read' })
  try {
    const rows = rowsOf(await unit.run(SERVICE, { text: WAITING, values: [] }))
    return rows.map(({ name, id, data, start_after }) => {
      const { input, principal } = data as StoredJob
      const principalId = principal?.id ?? null
      return { job: String(name), jobId: String(id), input, principalId, startAfter: start_after as Date }
    })
  } finally {
    await unit.close()
  }
}

const WAITING = `select name, id, data, start_after from pgboss.job where state < 'active' order by created_on, id`

/** Does all that waits, also what is due only later, what failed before and what these enqueue, one after the other. */
export async function runToEnd(jobs: Jobs): Promise<RunJob[]> {
  const process = randomUUID()
  const stop = new AbortController().signal
  const boss = await jobs.boss()
  const done: RunJob[] = []
  let found = 0
  do {
    found = 0
    for (const plan of jobs.plans) {
      const taken = await inTransaction(jobs.home.database.unit({ mode: 'request' }), (unit) =>
        take(boss, unit, { name: plan.name, most: AT_ONCE, process, early: true }),
      )
      found += taken.length
      for (const one of taken) {
        const outcome = await doAttempt(jobs, plan, one, { process, stop })
        if (outcome.state !== 'done' && outcome.state !== 'dead') continue
        done.push({ job: plan.name, jobId: one.id, attempts: one.attempt, ...outcome })
      }
    }
  } while (found > 0)
  return done
}

const AT_ONCE = 20
