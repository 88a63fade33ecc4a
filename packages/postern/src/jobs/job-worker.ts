import { SERVICE } from '../database/identity.js'
import { inTransaction } from '../database/unit.js'
import { hint } from '../workers/hints.js'
import { takeTurns } from '../workers/take-turns.js'
import type { RunningWorker, Worker } from '../workers/worker.js'
import { doAttempt } from './do-attempt.js'
import type { Jobs } from './jobs.js'
import { createQueue, look, lookedAt, release, send, take, type Taken, unknownJobs } from './queue.js'
import { dueAmong, keepSchedules, lookAtSchedules, scheduledAmong, takeTick } from './schedules.js'

/** How late a job may be found that another process enqueued; what this process enqueues it hears of at once. */
const LOOK_MS = 2_000
/** Of the embedded database this process is the only one. */
const EMBEDDED_MS = 10_000
/** How often what dead processes had is given back, and what pg-boss keeps is put away. */
const RELEASE_MS = 15_000
const MAINTAIN_MS = 60_000
/** Half of a pool's connections: requests want the others. The embedded database has one. */
const MOST_AT_ONCE = 5

/** Does the jobs of a backend in this process. */
export class JobWorker implements Worker {
  readonly name = 'jobs'
  readonly #jobs: Jobs

  constructor(jobs: Jobs) {
    this.#jobs = jobs
  }

  async start({ process }: { readonly process: string }): Promise<RunningWorker> {
    const running = new RunningJobs(this.#jobs, process)
    await running.prepare()
    return running.begin()
  }
}

class RunningJobs {
  readonly #jobs: Jobs
  readonly #process: string
  readonly #names: readonly string[]
  readonly #attempts = new Set<Promise<void>>()
  readonly #giveUp = new AbortController()
  #releaseAt = 0
  #maintainAt = 0

  constructor(jobs: Jobs, process: string) {
    this.#jobs = jobs
    this.#process = process
    this.#names = jobs.plans.map(({ name }) => name)
  }

  /** Queues and schedules as the code says them. Throws where the database lacks the framework's tables. */
  async prepare(): Promise<void> {
    const { database, events } = this.#jobs.home
    await this.#jobs.boss()
    const unknown = await inTransaction(database.unit({ mode: 'request' }), async (unit) => {
      for (const name of this.#names) await createQueue(unit, name)
      await keepSchedules(unit, this.#jobs.plans)
      return unknownJobs(unit, this.#names)
    })
    for (const { name, waiting } of unknown) events.emit({ type: 'job.unknown', job: name, waiting })
  }

  begin(): RunningWorker {
    const { events } = this.#jobs.home
    const onFailure = (error: unknown) => events.emit({ type: 'worker.failed', worker: 'jobs', error })
    const stopLooking = takeTurns({ worker: 'jobs', turn: () => this.#turn(), everyMs: this.#everyMs, onFailure })
    return {
      stop: async (graceMs) => {
        const limit = setTimeout(() => this.#giveUp.abort(new Error('The process ends')), graceMs)
        await stopLooking()
        await Promise.all(this.#attempts)
        clearTimeout(limit)
      },
    }
  }

  async #turn(): Promise<number> {
    // On the embedded database the job that runs has the only connection.
    if (this.#free === 0) return this.#everyMs
    await this.#keepHouse()
    const { waiting, schedules } = await this.#look()
    for (const due of schedules.filter(({ inMs }) => inMs <= 0)) await this.#tick(due)
    if (schedules.some(({ inMs }) => inMs <= 0)) return 0
    let free = this.#free
    for (const { name } of waiting.filter(({ inMs }) => inMs <= 0)) {
      if (free === 0) break
      free -= await this.#takeAndDo(name, free)
    }
    // One that ends gives a hint, and so is the next begun.
    const soonest = [...waiting, ...schedules].map(({ inMs }) => inMs).filter((inMs) => inMs > 0)
    return Math.max(1, Math.min(this.#everyMs, ...soonest))
  }

  get #isEmbedded(): boolean {
    return this.#jobs.home.database.kind === 'embedded'
  }

  get #free(): number {
    return (this.#isEmbedded ? 1 : MOST_AT_ONCE) - this.#attempts.size
  }

  get #everyMs(): number {
    return this.#isEmbedded ? EMBEDDED_MS : LOOK_MS
  }

  async #look() {
    const unit = this.#jobs.home.database.unit({ mode: 'read' })
    try {
      const scheduled = scheduledAmong(this.#jobs.plans).map(({ name }) => name)
      const statements = [look(this.#names), ...(scheduled.length === 0 ? [] : [lookAtSchedules(scheduled)])]
      const [jobs, schedules] = await unit.runAll(SERVICE, statements)
      return { waiting: lookedAt(jobs!), schedules: schedules === undefined ? [] : dueAmong(schedules) }
    } finally {
      await unit.close()
    }
  }

  async #tick(due: ReturnType<typeof dueAmong>[number]): Promise<void> {
    const plan = scheduledAmong(this.#jobs.plans).find(({ name }) => name === due.name)
    if (plan === undefined) return
    const boss = await this.#jobs.boss()
    const { database, events } = this.#jobs.home
    await inTransaction(database.unit({ mode: 'request' }), async (unit) => {
      if (!(await takeTick(unit, plan, due))) return
      const data = { input: null, principal: null, organization: null, scheduledFor: due.at.toISOString() }
      const jobId = await send(boss, unit, { plan, data })
      unit.afterCommit(() => events.emit({ type: 'job.enqueued', job: plan.name, jobId, principalId: null }))
    })
  }

  /** Takes up to `most` jobs of a name and begins them. Answers how many. */
  async #takeAndDo(name: string, most: number): Promise<number> {
    const boss = await this.#jobs.boss()
    const taken = await inTransaction(this.#jobs.home.database.unit({ mode: 'request' }), (unit) =>
      take(boss, unit, { name, most, process: this.#process }),
    )
    for (const one of taken) this.#do(name, one)
    return taken.length
  }

  #do(name: string, taken: Taken): void {
    const plan = this.#jobs.plan(name)!
    const attempt = doAttempt(this.#jobs, plan, taken, { process: this.#process, stop: this.#giveUp.signal })
      .then(() => undefined)
      // It can't be said that it failed: it is found when its time is past.
      .catch((error: unknown) => this.#jobs.home.events.emit({ type: 'worker.failed', worker: 'jobs', error }))
      .finally(() => {
        this.#attempts.delete(attempt)
        hint('jobs')
      })
    this.#attempts.add(attempt)
  }

  async #keepHouse(): Promise<void> {
    const now = performance.now()
    if (now >= this.#releaseAt) {
      this.#releaseAt = now + RELEASE_MS
      const boss = await this.#jobs.boss()
      await inTransaction(this.#jobs.home.database.unit({ mode: 'request' }), (unit) =>
        release(boss, unit, this.#names),
      )
    }
    if (now >= this.#maintainAt) {
      this.#maintainAt = now + MAINTAIN_MS
      await (await this.#jobs.boss()).maintain()
    }
  }
}
