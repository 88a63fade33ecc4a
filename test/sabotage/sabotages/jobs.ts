import type { Sabotage } from '../sabotage.js'

const at = (file: string) => `packages/postern/src/jobs/${file}.test.ts`

/** What a job promises, from its enqueuing to its end. */
export const jobs: readonly Sabotage[] = [
  {
    claim: 'An attempt that failed is told as that, whatever its error says',
    sabotage: 'the error is stored as it is',
    file: 'jobs/do-attempt.ts',
    edit: ["Buffer.from(text.replaceAll('\\0', '')).toString()", 'text'],
    test: 'packages/postern/src/jobs/attempts.test.ts',
    by: 'whatever its error says',
    hangs: true,
  },
  {
    claim: 'A job exists if and only if the data does',
    sabotage: 'a job is enqueued in a transaction of its own',
    file: 'jobs/queue.ts',
    edit: [
      'const id = await boss.send(plan.name, data, options)',
      'const id = await boss.send(plan.name, data, { ...options, db: undefined as never })',
    ],
    test: at('enqueue'),
    by: 'is gone with a transaction that fails',
  },
  {
    claim: 'A job’s effects and its completion are one transaction',
    sabotage: 'it is completed in a transaction of its own',
    file: 'jobs/queue.ts',
    edit: ['boss.complete(name, id, {}, { db: inside(unit) })', 'boss.complete(name, id, {})'],
    test: at('attempts'),
    by: 'whose transaction PostgreSQL undid',
  },
  {
    claim: 'What another attempt has done is not done twice',
    sabotage: 'an attempt that finds its job completed keeps what it did',
    file: 'jobs/run-attempt.ts',
    edit: [
      'if (!(await complete(boss, unit, plan.name, id))) throw',
      'if (!(await complete(boss, unit, plan.name, id)) && id === plan.name) throw',
    ],
    test: at('exactly-once'),
    by: 'a zombie’s effects are undone',
  },
  {
    claim: 'A schedule’s tick comes once, however many processes there are',
    sabotage: 'a tick is taken without a look at who took it',
    file: 'jobs/schedules.ts',
    edit: ['where name = $1 and next_at = $3::timestamptz', 'where name = $1 and $3::timestamptz is not null'],
    test: at('schedules'),
    by: 'runs once for each tick',
    hangs: true,
  },
  {
    claim: 'A principal’s job is done in that principal’s scope',
    sabotage: 'the principal is not carried along',
    file: 'jobs/jobs.ts',
    edit: ['const principal = whose(by, plan)', 'const principal = whose(by, plan) && null'],
    test: at('whose-job'),
    by: 'roles and claims as they were',
  },
  {
    claim: 'Nobody is not the service',
    sabotage: 'what nobody enqueues is done as the service',
    file: 'jobs/jobs.ts',
    edit: ['if (principal === null) {', "if (principal === null && name === '') {"],
    test: at('whose-job'),
    by: 'nobody’s it can’t be',
  },
  {
    claim: 'A job is given only what passes its schema',
    sabotage: 'what lies in the queue is not asked again',
    file: 'jobs/run-attempt.ts',
    edit: ['if (result.issues === undefined) return result.value', "if (!('never' in result)) return value"],
    test: at('enqueue'),
    by: 'a deploy has changed the schema',
    hangs: true,
  },
  {
    claim: 'What a dead process had is done by another',
    sabotage: 'what is taken stays taken',
    file: 'jobs/job-worker.ts',
    edit: ['release(boss, unit, this.#names),', 'Promise.resolve(boss && unit),'],
    test: at('exactly-once'),
    by: 'whose process is no more heard of',
    hangs: true,
  },
]
