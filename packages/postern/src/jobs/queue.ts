import { SERVICE } from '../database/identity.js'
import { bind, prepared } from '../database/paved/prepared.js'
import { rowsOf } from '../database/rows-over.js'
import type { Statement, StatementResult } from '../database/statement.js'
import type { CurrentUnit } from '../database/unit-store.js'
import { inside, type PgBoss } from './boss.js'
import type { JobPlan, StoredJob } from './job-plan.js'

type InUnit = Pick<CurrentUnit, 'run'>

/** A job that was taken from the queue. */
export interface Taken {
  readonly id: string
  readonly data: StoredJob
  /** From 1 on. */
  readonly attempt: number
  readonly isLast: boolean
}

/** Puts a job into the queue, in the transaction of `unit`. Answers its id. */
export async function send(
  boss: PgBoss,
  unit: InUnit,
  {
    plan,
    data,
    startAfter,
  }: { readonly plan: JobPlan; readonly data: StoredJob; readonly startAfter?: Date | number | undefined },
): Promise<string> {
  const options = {
    db: inside(unit),
    retryLimit: plan.attempts - 1,
    retryDelay: plan.backoffSeconds,
    retryBackoff: true,
    // Longer than an attempt may take: what is past it was lost with its process.
    expireInSeconds: Math.ceil(plan.timeoutMs / 1000) + EXPIRES_S,
    // Never: a job that was promised is not forgotten because nobody came to do it.
    retentionDays: 36_500,
    ...(startAfter === undefined ? {} : { startAfter: startAfter instanceof Date ? startAfter : startAfter / 1000 }),
  }
  const id = await boss.send(plan.name, data, options)
  if (id !== null) return id
  // pg-boss answers nothing where there is no queue of that name yet: it comes with the first job, in the same transaction.
  await createQueue(unit, plan.name)
  const second = await boss.send(plan.name, data, options)
  if (second === null) throw new Error(`pg-boss did not take the job ${plan.name}`)
  return second
}

const EXPIRES_S = 30

/** Does nothing where it is there. */
export async function createQueue(unit: InUnit, name: string): Promise<void> {
  await inside(unit).executeSql('select pgboss.create_queue($1, $2::json)', [name, '{"policy":"standard"}'])
}

/** Which of these jobs are waiting, and in how many milliseconds the first of each may begin: 0 or less is now. */
export function look(names: readonly string[]): Statement {
  return bind(LOOK, [names])
}

export function lookedAt(result: StatementResult): { readonly name: string; readonly inMs: number }[] {
  return result.rows.map(([name, ms]) => ({ name: name!, inMs: Number(ms) }))
}

const LOOK = prepared(
  `select n, extract(epoch from at - clock_timestamp()) * 1000 from unnest($1::text[]) n,
     lateral (select min(start_after) at from pgboss.job where name = n and state < 'active') first where at is not null
     order by at`,
)

/** Takes jobs of one name, and notes which process has them: what a process took that is no more is given to another. */
export async function take(
  boss: PgBoss,
  unit: InUnit,
  {
    name,
    most,
    process,
    early = false,
  }: { readonly name: string; readonly most: number; readonly process: string; readonly early?: boolean },
): Promise<Taken[]> {
  const { executeSql } = inside(unit)
  let failure: unknown
  // pg-boss keeps the error of this one statement to itself.
  const db = {
    executeSql: (text: string, values?: unknown[]) =>
      executeSql(text, values).catch((error: unknown) => {
        failure = error
        throw error
      }),
  }
  const jobs = await boss.fetch<StoredJob>(name, {
    batchSize: most,
    includeMetadata: true,
    priority: false,
    ignoreStartAfter: early,
    db,
  } as never)
  if (failure !== undefined) throw failure
  if (jobs.length === 0) return []
  await unit.run(SERVICE, bind(MARK, [name, jobs.map(({ id }) => id), process]))
  return (jobs as unknown as readonly PgBoss.JobWithMetadata<StoredJob>[]).map(
    ({ id, data, retryCount, retryLimit }) => ({
      id,
      data,
      attempt: retryCount + 1,
      isLast: retryCount >= retryLimit,
    }),
  )
}

const MARK = prepared(
  `update pgboss.job set output = jsonb_build_object('process', $3::text) where name = $1 and id = any($2::uuid[])`,
)

/**
 * Says in the transaction of its effects that a job is done. `false` where it is not this one's any more: another attempt was
 * first, and what this one did must not last.
 */
export async function complete(boss: PgBoss, unit: InUnit, name: string, id: string): Promise<boolean> {
  const { affected } = (await boss.complete(name, id, {}, { db: inside(unit) })) as unknown as { affected: number }
  return affected === 1
}

/**
 * Says that an attempt failed, unless the job is done or in other hands by now; `false` then. It is tried again after a pause
 * that grows and is jittered, or dead after its last attempt, or at once where `forGood`.
 */
export async function fail(
  boss: PgBoss,
  unit: InUnit,
  {
    name,
    id,
    process,
    output,
    forGood,
  }: {
    readonly name: string
    readonly id: string
    readonly process: string
    readonly output: object
    readonly forGood: boolean
  },
): Promise<boolean> {
  const mine = await unit.run(SERVICE, bind(MINE, [name, id, process, forGood]))
  if (mine.rowCount === 0) return false
  await boss.fail(name, id, output, { db: inside(unit) })
  return true
}

const MINE = prepared(
  `update pgboss.job set retry_limit = case when $4::bool then retry_count else retry_limit end
     where name = $1 and id = $2::uuid and state = 'active' and output->>'process' = $3 returning 1`,
)

/** Gives back what processes had taken that say no more that they live. Answers what it was. */
export async function release(
  boss: PgBoss,
  unit: InUnit,
  names: readonly string[],
): Promise<{ name: string; id: string }[]> {
  const lost = rowsOf(await unit.run(SERVICE, bind(LOST, [names]))) as { name: string; id: string }[]
  for (const { name, id } of lost) await boss.fail(name, id, { message: 'its process ended' }, { db: inside(unit) })
  return lost
}

const LOST = prepared(
  `select name, id from pgboss.job j where name = any($1::text[]) and state = 'active' and output ? 'process'
     and not exists (select from postern.workers w where w.process::text = j.output->>'process'
       and w.seen_at > clock_timestamp() - interval '35 seconds')
     limit 100 for update skip locked`,
)

/** Jobs that wait and that nobody here knows: a deploy took their definition away. */
export async function unknownJobs(
  unit: InUnit,
  known: readonly string[],
): Promise<{ name: string; waiting: number }[]> {
  const result = await unit.run(SERVICE, bind(UNKNOWN, [known]))
  return result.rows.map(([name, waiting]) => ({ name: name!, waiting: Number(waiting) }))
}

const UNKNOWN = prepared(
  `select name, count(*) from pgboss.job where state < 'active' and name <> all($1::text[]) and name not like '\\_\\_pgboss%'
     group by name order by name`,
)
