import { askSchema } from '../ask-schema.js'
import type { Database } from '../database/database.js'
import { SERVICE } from '../database/identity.js'
import type { EnqueueBy } from '../database/scope.js'
import type { Schema } from '../database/scope-types.js'
import type { Unit } from '../database/unit.js'
import type { Events } from '../events.js'
import type { Principal } from '../principal.js'
import { hint } from '../workers/hints.js'
import { bossOver, type PgBoss } from './boss.js'
import type { JobPlan } from './job-plan.js'
import { send } from './queue.js'
import { toSentence } from './to-sentence.js'

/** What all jobs of a backend share. */
export interface JobsHome {
  readonly database: Database<Schema>
  readonly events: Events
  /** Outside production a forgotten operation fails the job and names its line. */
  readonly strict: boolean
}

type Enqueuer = Parameters<EnqueueBy>[0]

/** The jobs of a backend, by name. */
export class Jobs {
  readonly home: JobsHome
  /** A line of the inventory for each. */
  readonly facts: object[] = []
  readonly #plans = new Map<string, JobPlan>()
  #boss: Promise<PgBoss> | undefined

  constructor(home: JobsHome) {
    this.home = home
  }

  get plans(): readonly JobPlan[] {
    return [...this.#plans.values()]
  }

  plan(name: string): JobPlan | undefined {
    return this.#plans.get(name)
  }

  /** Throws where the name is taken: rows of the queue are known by it alone. */
  define(plan: JobPlan, facts: object): void {
    if (this.#plans.has(plan.name)) throw new TypeError(`There are two jobs named ${plan.name}: a name is one job's`)
    this.#plans.set(plan.name, plan)
    this.facts.push(facts)
  }

  /** pg-boss, loaded when it is asked for first. */
  boss(): Promise<PgBoss> {
    return (this.#boss ??= bossOver(this.home.database))
  }

  /** Puts a job into the queue in the enqueuer's transaction. Answers its id. */
  readonly enqueue: EnqueueBy = async (by, job, input, { startAfter } = {}) => {
    const plan = this.#plans.get(job.name)
    if (plan === undefined) throw new TypeError(`The job ${job.name} belongs to another backend`)
    refuseReading(by.unit, plan)
    const principal = whose(by, plan)
    const data = {
      input: await stored(plan, input),
      principal,
      organization: principal === null ? null : (by.identity.organization ?? null),
    }
    const id = await send(await this.boss(), by.unit, { plan, data, startAfter })
    by.unit.afterCommit(() => {
      hint('jobs')
      this.home.events.emit({ type: 'job.enqueued', job: plan.name, jobId: id, principalId: principal?.id ?? null })
    })
    return id
  }
}

/** PostgreSQL would say the same, and not what to do. */
function refuseReading({ mode }: Unit, { name }: JobPlan): void {
  if (mode === 'request' || mode === 'statement') return
  throw new TypeError(`Nothing is written here, so ${name} can't be enqueued: a GET and a snapshot only read`)
}

/**
 * **Security:** the job of a principal is done in that principal's scope and a job of the service's as the service. Nobody is not
 * the service: what anybody may ask for would be done without any owner's rule.
 */
function whose({ identity, principal }: Enqueuer, { name, schedule }: JobPlan): Principal | null {
  if (identity.role === SERVICE.role) return null
  if (principal === null) {
    throw new TypeError(
      `Nobody is signed in, whose work ${name} could be: db.asService('reason').enqueue(…) makes it the service's`,
    )
  }
  if (schedule !== null) {
    throw new TypeError(`${name} has a schedule, so it is the service's: db.asService('reason').enqueue(…)`)
  }
  return principal
}

/** The input as it will come out of the queue: JSON that passes the schema, which is asked again before the job runs. */
async function stored({ name, input: schema }: JobPlan, input: unknown): Promise<unknown> {
  if (schema === null) {
    if (input !== undefined)
      throw new TypeError(`The job ${name} takes no input: give it a schema in the slot \`input\``)
    return null
  }
  const value: unknown = JSON.parse(JSON.stringify(input ?? null))
  const { issues } = await askSchema(schema, value)
  if (issues === undefined) return value
  throw new TypeError(`The input of job ${name} does not pass its schema as JSON: ${toSentence(issues)}`)
}
