import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { comes, jobPlace, noting, told } from '../../test/job-place.js'

onEachPlace((place) => {
  const { at, work, bodies, states } = jobPlace(place)

  describe('exactly once', () => {
    test('a job whose process is no more heard of is done by another', async () => {
      const process = at.process()
      const job = noting(process, 'lost')
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'found' })))
      await at.rows(
        `update pgboss.job set state = 'active', started_on = now(), output = '{"process":"${randomUUID()}"}' where name = 'lost'`,
      )
      await work(process)
      await comes(process, 'job.done')
      expect([await bodies(), told(process, 'job.done')]).toMatchObject([['alice:found'], [{ attempt: 2 }]])
    })

    test.skipIf(place === 'embedded')('a zombie’s effects are undone: another had it, and was first', async () => {
      const [zombie, other] = [at.process(), at.process()]
      let wake: (() => void) | undefined
      // Only its first attempt hangs: it works on, so that it may well be the one who takes the job anew.
      const job = noting(zombie, 'haunted', () => wake ?? new Promise<void>((resolve) => (wake = resolve)))
      noting(other, 'haunted')
      await work(zombie)
      await zombie.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'effect' })))
      await expect.poll(() => wake).toBeDefined()
      // It is not heard of any more, for a reason that it does not know of: what it says of itself is lost, whenever it says it.
      const [[lost]] = (await at.rows('select process from postern.workers')) as [[string]]
      const forget = () => at.rows(`delete from postern.workers where process = '${lost}'`)
      await forget()
      await work(other)
      const done = () => [zombie, other].flatMap((process) => told(process, 'job.done'))
      const forgottenUntilDone = async () => {
        await forget()
        return done().length
      }
      await expect.poll(forgottenUntilDone, { timeout: 90_000 }).toBe(1)
      wake?.()
      await expect
        .poll(async () => (await at.rows("select count(*) from pg_stat_activity where state like 'idle in%'"))[0])
        .toEqual(['0'])
      await pause(200)
      expect(await bodies()).toEqual(['alice:effect'])
      expect([done().length, told(zombie, 'job.failed')]).toEqual([1, []])
      expect(await states('haunted')).toEqual(['completed'])
    })

    test('of many jobs and several processes, each once', async () => {
      const processes = [at.process(), at.process(), at.process()]
      const jobs = processes.map((process) =>
        noting(process, 'many', (attempt) =>
          attempt < 2 && Math.random() < 0.1 ? Promise.reject(new Error('unlucky')) : undefined,
        ),
      )
      const all = Array.from({ length: 30 }, (_, n) => `job ${n}`)
      await processes[0]!.asAlice(async ({ db }) => {
        for (const body of all) await db.enqueue(jobs[0]!, { body })
      })
      for (const process of processes) await work(process)
      await expect.poll(async () => new Set(await states('many')), { timeout: 60_000 }).toEqual(new Set(['completed']))
      expect((await bodies()).toSorted()).toEqual(all.map((body) => `alice:${body}`).toSorted())
    })
  })

  test('jobs that a deploy took away stay, are named, and are done by code that knows them', async () => {
    const before = at.process()
    const job = noting(before, 'removed')
    await before.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'kept' })))
    const after = at.process()
    noting(after, 'other')
    await work(after)
    expect(told(after, 'job.unknown')).toEqual([{ type: 'job.unknown', job: 'removed', waiting: 1 }])
    await pause(300)
    expect(await states('removed')).toEqual(['created'])
    const again = at.process()
    noting(again, 'removed')
    await work(again)
    await comes(again, 'job.done')
    expect(await bodies()).toEqual(['alice:kept'])
  })
})
