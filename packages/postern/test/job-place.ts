import { afterEach, expect } from 'vitest'
import { z } from 'zod'
import type { Place } from '../../../test/support/drivers.js'
import type { Event } from '../src/events.js'
import type { RunningWorker } from '../src/workers/worker.js'
import { type Process, workplace } from './working.js'

/** A database at a place for a suite about jobs, emptied of them after each test, and whoever works on it stopped. */
export function jobPlace(place: Place) {
  const at = workplace(place)
  const running: RunningWorker[] = []
  afterEach(async () => {
    for (const worker of running.splice(0)) await worker.stop(1_000)
    await at.rows('delete from pgboss.job')
    await at.rows('delete from postern.job_schedules')
    await at.rows('delete from notes')
  })
  return {
    at,
    /** The process does jobs until the test is over, or `rest()`. */
    work: async ({ backend }: Process) => void running.push((await backend.workers.start())!),
    /** Whoever began to work last stops. */
    rest: async () => void (await running.pop()!.stop(1_000)),
    bodies: async () => (await at.rows('select owner_id, body from notes order by id')).map((row) => row.join(':')),
    states: async (name: string) =>
      (await at.rows(`select state from pgboss.job where name = '${name}' order by created_on`)).flat(),
  }
}

type Kind = Event['type']

/** What a process told of a kind. */
export const told = ({ events }: Process, type: Kind) => events.filter((event) => event.type === type)

export async function comes(process: Process, type: Kind, times = 1): Promise<void> {
  await expect.poll(() => told(process, type).length, { timeout: 60_000, interval: 20 }).toBe(times)
}

/** A job that writes one note each time it runs, then does as `then` says. */
export const noting = (
  { backend }: Process,
  name: string,
  then: (attempt: number) => unknown = () => {},
  slots: object = {},
) =>
  backend.job(
    { name, input: z.object({ body: z.string() }), backoffSeconds: 1, ...slots },
    async ({ input, db, principal, attempt }) => {
      if (principal === null) await db.notes.create({ body: input.body, ownerId: 'service' })
      else await db.notes.create({ body: input.body })
      await then(attempt)
    },
  )
