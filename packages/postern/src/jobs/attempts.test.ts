import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { comes, jobPlace, noting, told } from '../../test/job-place.js'
import type { Process } from '../../test/working.js'

onEachPlace((place) => {
  const { at, work, bodies, states } = jobPlace(place)

  describe('an attempt', () => {
    test('that fails leaves nothing and is made again, under the same key', async () => {
      const process = at.process()
      const keys: string[] = []
      const job = process.backend.job(
        { name: 'flaky', backoffSeconds: 1 },
        async ({ db, attempt, idempotencyKey, principal }) => {
          keys.push(idempotencyKey)
          if (principal !== null) await db.notes.create({ body: `attempt ${attempt}` })
          if (attempt < 3) throw new Error(`no ${attempt}`)
        },
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.done')
      expect(await bodies()).toEqual(['alice:attempt 3'])
      expect(told(process, 'job.failed')).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
      expect([keys.length, new Set(keys).size]).toEqual([3, 1])
    })

    test('is the last of as many as the job has: then it is dead, stays, and nobody does it', async () => {
      const process = at.process()
      const job = noting(process, 'doomed', () => Promise.reject(new Error('never')), { attempts: 2 })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'x' })))
      await comes(process, 'job.dead')
      expect([await states('doomed'), await bodies()]).toEqual([['failed'], []])
      expect(told(process, 'job.dead')).toMatchObject([{ job: 'doomed', attempt: 2, principalId: 'alice' }])
      expect(await at.rows("select output->>'message' from pgboss.job")).toEqual([['never']])
    })

    test('is over whatever its error says, also what jsonb does not hold', async () => {
      const process = at.process()
      const job = noting(process, 'garbled', () => Promise.reject(new Error('a\0b\ud800')), { attempts: 1 })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'x' })))
      await comes(process, 'job.dead')
      expect(told(process, 'worker.failed')).toEqual([])
      expect(await at.rows("select output->>'message' from pgboss.job")).toEqual([['ab\uFFFD']])
    })

    test('that takes too long is told so by its signal, given up, and leaves nothing', async () => {
      const process = at.process()
      let reason: unknown
      const job = process.backend.job(
        { name: 'slow', attempts: 1, timeoutMs: 300 },
        async ({ db, principal, signal }) => {
          if (principal !== null) await db.notes.create({ body: 'slow' })
          signal.addEventListener('abort', () => void (reason = signal.reason))
          await new Promise(() => {})
        },
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.dead')
      expect([String(reason), await bodies()]).toEqual(['Error: It took longer than 300 ms', []])
    })

    test('that never touches the database opens nothing while it waits for somebody else', async () => {
      const process = at.process()
      let answered: number | undefined
      const { endpoint, job: define } = process.backend
      const read = endpoint({ public: 'a test' }, async ({ db }) => (await db.notes.page()).data)
      const job = define({ name: 'outside' }, async () => {
        const began = performance.now()
        await read(new Request('http://127.0.0.1/'))
        answered = performance.now() - began
        await pause(50)
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.done')
      // With a connection held, on the embedded database, it would have waited for itself: 5 s here, and then 503.
      expect(answered).toBeLessThan(4_000)
    })

    test('of a process that is stopped ends in its time, or is undone and made again', async () => {
      const [first, second] = [at.process(), at.process()]
      let begun = 0
      const define = (process: Process) =>
        noting(process, 'stopped', () => {
          begun += 1
          return begun === 1 ? new Promise(() => {}) : undefined
        })
      const job = define(first)
      define(second)
      const worker = await first.backend.workers.start()
      await first.asAlice(async ({ db }) => void (await db.enqueue(job, { body: 'once' })))
      await expect.poll(() => begun).toBe(1)
      await worker!.stop(100)
      expect([await bodies(), told(first, 'job.failed').length]).toEqual([[], 1])
      await work(second)
      await comes(second, 'job.done')
      expect(await bodies()).toEqual(['alice:once'])
    })

    test('whose transaction PostgreSQL undid is no success, though its function thinks so', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'swallowed', attempts: 1 }, async ({ db, principal }) => {
        if (principal !== null) await db.notes.create({ body: 'undone' })
        await db.execute('select 1 / 0').catch(() => {})
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await expect
        .poll(async () => ['completed', 'failed'].includes(String((await states('swallowed'))[0])), { timeout: 60_000 })
        .toBe(true)
      expect([await states('swallowed'), await bodies()]).toEqual([['failed'], []])
    })

    test('that forgets to await a write fails', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'careless', attempts: 1 }, ({ db, principal }) => {
        if (principal !== null) void db.notes.create({ body: 'x' })
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)))
      await comes(process, 'job.dead')
      expect(await at.rows("select output->>'message' from pgboss.job")).toEqual([
        [expect.stringMatching(/neither awaited nor returned/)],
      ])
    })
  })
})
