import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { comes, jobPlace } from '../../test/job-place.js'
import type { Process } from '../../test/working.js'
import type { Job } from '../job-type.js'

const daily = ({ backend }: Process, seen: Date[] = []) =>
  backend.job({ name: 'daily', schedule: '0 3 * * *' }, async ({ db, principal, scheduledFor }) => {
    seen.push(scheduledFor)
    await db.notes.create({ body: `${principal}`, ownerId: 'service' })
  })

onEachPlace((place) => {
  const { at, work, rest, bodies, states } = jobPlace(place)
  const due = (name: string, ago: string) =>
    at.rows(
      `update postern.job_schedules set next_at = date_trunc('minute', now()) - interval '${ago}' where name = '${name}'`,
    )

  describe('a schedule', () => {
    test('runs once for each tick, however many processes look', async () => {
      const processes = [at.process(), at.process(), at.process(), at.process()]
      const seen: Date[] = []
      for (const process of processes) daily(process, seen)
      await work(processes[0]!)
      await rest()
      await due('daily', '1 minute')
      await Promise.all(processes.map(work))
      await expect.poll(() => states('daily'), { timeout: 60_000 }).toEqual(['completed'])
      await pause(500)
      expect([await states('daily'), await bodies(), seen.length]).toEqual([['completed'], ['service:null'], 1])
      const [[next]] = (await at.rows(
        "select next_at > now() and next_at <= now() + interval '1 day' from postern.job_schedules",
      )) as [[string]]
      expect(next).toBe('t')
    })

    test('of whose ticks nobody was there runs once, for the first of them, and goes on from now', async () => {
      const process = at.process()
      const seen: Date[] = []
      daily(process, seen)
      await work(process)
      await rest()
      await due('daily', '3 days')
      await work(process)
      await comes(process, 'job.done')
      await pause(300)
      expect(seen).toHaveLength(1)
      expect(Date.now() - seen[0]!.getTime()).toBeGreaterThan(2 * 86_400_000)
    })

    test('begins anew where it changes, ends where it is taken away, and is nobody else’s to enqueue', async () => {
      const first = at.process()
      const job: Job<undefined> = daily(first)
      await work(first)
      const [before] = await at.rows('select cron, next_at from postern.job_schedules')
      const second = at.process()
      second.backend.job({ name: 'daily', schedule: { cron: '30 4 * * *', timeZone: 'Europe/Zurich' } }, () => {})
      await work(second)
      const [after] = await at.rows('select cron, next_at from postern.job_schedules')
      expect([before![0], after![0]]).toEqual(['0 3 * * *', '30 4 * * *'])
      expect(after![1]).not.toBe(before![1])
      await expect(first.asAlice(async ({ db }) => void (await db.enqueue(job)))).rejects.toMatchObject({
        cause: { error: { message: expect.stringContaining("daily has a schedule, so it is the service's") } },
      })
      const third = at.process()
      third.backend.job({ name: 'daily' }, () => {})
      await work(third)
      expect(await at.rows('select name from postern.job_schedules')).toEqual([])
    })
  })
})
