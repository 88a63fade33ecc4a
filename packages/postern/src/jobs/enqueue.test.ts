import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { comes, jobPlace, noting, told } from '../../test/job-place.js'

/** A provider that signs nothing. */
const SIGNER = {
  provider: 'a test',
  keeps: [],
  signsId: true,
  signsTime: true,
  patienceMs: 10_000,
  resendsForMs: 1_000,
}

onEachPlace((place) => {
  const { at, work, bodies, states } = jobPlace(place)

  describe('a job exists if and only if the data does', () => {
    test('it is there with the transaction that enqueued it, and not before', async () => {
      const process = at.process()
      const job = noting(process, 'with-data')
      let before: unknown
      await process.asAlice(async ({ db, defer }) => {
        await db.notes.create({ body: 'data' })
        await defer(job, { body: 'job' })
        await db.execute('select 1')
        // On the embedded database the owner's connection is the transaction's own, and would wait for it.
        before = place === 'embedded' ? [] : await states('with-data')
        expect(told(process, 'job.enqueued')).toEqual([])
      })
      expect([before, await states('with-data')]).toEqual([[], ['created']])
      expect(told(process, 'job.enqueued')).toMatchObject([{ job: 'with-data', principalId: 'alice' }])
    })

    test.each([['the first of its name'], ['one more of its name']])(
      '%s is gone with a transaction that fails',
      async () => {
        const process = at.process()
        const job = noting(process, 'without-data')
        const failing = process.asAlice(async ({ db }) => {
          await db.notes.create({ body: 'data' })
          await db.enqueue(job, { body: 'job' })
          throw new Error('changed my mind')
        })
        await expect(failing).rejects.toThrow('500')
        expect([await states('without-data'), await bodies(), told(process, 'job.enqueued')]).toEqual([[], [], []])
      },
    )

    test('a savepoint that is undone takes its job with it, and leaves the others', async () => {
      const process = at.process()
      const job = noting(process, 'saved')
      await process.asAlice(async ({ db }) => {
        await db.enqueue(job, { body: 'kept' })
        await db
          .transaction(async (inner) => {
            await inner.enqueue(job, { body: 'undone' })
            throw new Error('inner')
          })
          .catch(() => {})
      })
      expect(await at.rows("select data->'input'->>'body' from pgboss.job")).toEqual([['kept']])
      expect(told(process, 'job.enqueued')).toHaveLength(1)
    })

    test('one that nobody awaits is told, and nothing lasts', async () => {
      const process = at.process()
      const job = noting(process, 'forgotten')
      const failing = process.asAlice(async ({ db }) => void db.enqueue(job, { body: 'x' }))
      await expect(failing).rejects.toMatchObject({
        cause: {
          error: { message: expect.stringMatching(/db\.enqueue\(\) was created and neither awaited/) },
        },
      })
      expect(await states('forgotten')).toEqual([])
    })

    test('not before its time, which may be a moment or milliseconds', async () => {
      const process = at.process()
      const job = noting(process, 'later')
      await work(process)
      const soon = 1_500
      await process.asAlice(async ({ db }) => {
        await db.enqueue(job, { body: 'tomorrow' }, { startAfter: new Date(Date.now() + 86_400_000) })
        await db.enqueue(job, { body: 'soon' }, { startAfter: soon })
      })
      await pause(500)
      expect(told(process, 'job.done')).toEqual([])
      await comes(process, 'job.done')
      expect(await bodies()).toEqual(['alice:soon'])
    })
  })

  test('a webhook’s job is stored with what its event did, and not where that is undone', async () => {
    const process = at.process()
    const job = noting(process, 'of-webhook')
    let fails = true
    const id = randomUUID()
    const events = [{ id, type: 'paid', at: null, data: {}, payload: {} }]
    const handler = process.backend.webhook({
      name: 'provider',
      from: { ...SIGNER, verify: () => ({ kind: 'events', events }) },
      on: {
        paid: async ({ db }) => {
          await db.as({ id: 'dora' }).enqueue(job, { body: 'receipt' })
          if (fails) throw new Error('undone')
        },
      },
    })
    const deliver = () => handler(new Request('http://127.0.0.1/', { method: 'POST', body: '{}' }))
    await deliver()
    expect(await states('of-webhook')).toEqual([])
    fails = false
    await at.rows('update postern.webhook_inbox set next_attempt_at = now()')
    // By the worker this time.
    await work(process)
    await comes(process, 'job.done')
    expect(await bodies()).toEqual(['dora:receipt'])
  })

  describe('what comes in', () => {
    test('must pass its schema as JSON when it is enqueued', async () => {
      const process = at.process()
      const job = process.backend.job({ name: 'dated', input: z.object({ at: z.date() }) }, () => {})
      const failing = process.asAlice(async ({ db }) => void (await db.enqueue(job, { at: new Date() })))
      await expect(failing).rejects.toMatchObject({
        cause: {
          error: { message: expect.stringMatching(/input of job dated does not pass its schema as JSON: at: /) },
        },
      })
      expect(await states('dated')).toEqual([])
    })

    test('and again when it runs: a deploy has changed the schema, so the job is dead at once, and says why', async () => {
      const before = at.process()
      const job = before.backend.job({ name: 'changed', input: z.object({ to: z.string() }) }, () => {})
      await before.asAlice(async ({ db }) => void (await db.enqueue(job, { to: 'a secret' })))
      const after = at.process()
      let runs = 0
      after.backend.job({ name: 'changed', input: z.object({ email: z.string() }) }, () => void (runs += 1))
      await work(after)
      await comes(after, 'job.dead')
      expect([runs, await states('changed')]).toEqual([0, ['failed']])
      const [[output]] = (await at.rows('select output from pgboss.job')) as [[string]]
      expect(output).toMatch(/stored input of job changed does not pass its schema: email: /)
      expect(output).not.toContain('a secret')
    })

    test('is transformed once, when it runs', async () => {
      const process = at.process()
      const seen: unknown[] = []
      const input = z.object({ at: z.coerce.date(), n: z.string().transform((text) => text.length) })
      const job = process.backend.job({ name: 'transformed', input }, (context) => void seen.push(context.input))
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job, { at: '2026-01-01T00:00:00Z', n: 'four' })))
      await comes(process, 'job.done')
      expect(seen).toEqual([{ at: new Date('2026-01-01T00:00:00Z'), n: 4 }])
    })
  })
})
