import { SERVICE } from '../database/identity.js'
import { bind, prepared } from '../database/paved/prepared.js'
import type { Statement, StatementResult } from '../database/statement.js'
import type { CurrentUnit } from '../database/unit-store.js'
import { nextTick } from './cron.js'
import type { JobPlan, Schedule } from './job-plan.js'

/** A schedule as the database knows it. */
export interface Due {
  readonly name: string
  /** When the job is to run next, and in how many milliseconds that is. */
  readonly at: Date
  readonly inMs: number
}

type Scheduled = JobPlan & { readonly schedule: Schedule }

export function scheduledAmong(plans: readonly JobPlan[]): Scheduled[] {
  return plans.filter((plan): plan is Scheduled => plan.schedule !== null)
}

/**
 * Tells the database of the schedules of these jobs: a new one, or one that was changed, begins with its next tick from now on;
 * one that was taken away ends. What the schedules of jobs are that nobody here knows stays as it is.
 */
export async function keepSchedules(unit: Pick<CurrentUnit, 'run'>, plans: readonly JobPlan[]): Promise<void> {
  const now = new Date((await unit.run(SERVICE, bind(NOW, []))).rows[0]![0]!)
  for (const { name, schedule } of scheduledAmong(plans)) {
    const at = await nextTick(schedule, now)
    await unit.run(SERVICE, bind(KEEP, [name, schedule.cron, schedule.timeZone, at.toISOString()]))
  }
  const without = plans.filter(({ schedule }) => schedule === null).map(({ name }) => name)
  await unit.run(SERVICE, bind(END, [without]))
}

const NOW = prepared(`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`)
const KEEP = prepared(
  `insert into postern.job_schedules as kept (name, cron, time_zone, next_at) values ($1, $2, $3, $4::timestamptz)
     on conflict (name) do update set cron = excluded.cron, time_zone = excluded.time_zone, next_at = excluded.next_at
       where (kept.cron, kept.time_zone) is distinct from (excluded.cron, excluded.time_zone)`,
)
const END = prepared('delete from postern.job_schedules where name = any($1::text[])')

/** Asks when these jobs run next. */
export function lookAtSchedules(names: readonly string[]): Statement {
  return bind(LOOK, [names])
}

export function dueAmong({ rows }: StatementResult): Due[] {
  return rows.map(([name, at, inMs]) => ({ name: name!, at: new Date(at!), inMs: Number(inMs) }))
}

const LOOK = prepared(
  `select name, to_char(next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
     extract(epoch from next_at - clock_timestamp()) * 1000
     from postern.job_schedules where name = any($1::text[])`,
)

/**
 * Takes a tick, in the transaction that enqueues its job: `false` where another process was first. Ticks that nobody was there
 * for are not done again one by one: the next one is the first after now.
 */
export async function takeTick(
  unit: Pick<CurrentUnit, 'run'>,
  { name, schedule }: Scheduled,
  { at, inMs }: Due,
): Promise<boolean> {
  const now = new Date(at.getTime() - Math.min(0, inMs))
  const next = await nextTick(schedule, now)
  const taken = await unit.run(SERVICE, bind(TAKE, [name, next.toISOString(), at.toISOString()]))
  return taken.rowCount === 1
}

/** The row's lock and its old moment: of two that take the same tick the second finds another moment there. */
const TAKE = prepared(
  'update postern.job_schedules set next_at = $2::timestamptz where name = $1 and next_at = $3::timestamptz',
)
