import { describe, expect, test } from 'vitest'
import { onEachPlace } from '../../../../test/support/drivers.js'
import { comes, jobPlace, noting } from '../../test/job-place.js'

onEachPlace((place) => {
  const { at, work, bodies, states } = jobPlace(place)

  describe('whose work it is', () => {
    test('a principal’s: roles and claims as they were, rows as the policies see them now', async () => {
      const process = at.process()
      await at.rows("insert into notes (owner_id, body) values ('bob', 'secret')")
      const seen: unknown[] = []
      const job = process.backend.job({ name: 'of-alice' }, async ({ db, principal }) => {
        const claims = await db.execute<{ c: unknown }>("select current_setting('request.jwt.claims')::json->>'team' c")
        seen.push(principal, claims.rows[0]?.c, (await db.notes.page()).data)
      })
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(job)), {
        roles: ['admin'],
        claims: { team: 'blue' },
      })
      await comes(process, 'job.done')
      expect(seen).toEqual([{ id: 'alice', roles: ['admin'], claims: { team: 'blue' } }, 'blue', []])
    })

    test('the service’s, where the service enqueues it; one for a principal, where the service narrows to one', async () => {
      const process = at.process()
      const job = noting(process, 'of-service')
      await work(process)
      await process.asAlice(async ({ db }) => {
        const service = db.asService('a test')
        await service.enqueue(job, { body: 'by the service' })
        await service.as({ id: 'carol' }).enqueue(job, { body: 'for carol' })
      })
      await comes(process, 'job.done', 2)
      expect((await bodies()).toSorted()).toEqual(['carol:for carol', 'service:by the service'])
    })

    test('a job that enqueues another passes on whose it is', async () => {
      const process = at.process()
      const second = noting(process, 'second')
      const first = process.backend.job(
        { name: 'first' },
        async ({ db }) => void (await db.enqueue(second, { body: 'second' })),
      )
      await work(process)
      await process.asAlice(async ({ db }) => void (await db.enqueue(first)))
      await comes(process, 'job.done', 2)
      expect(await bodies()).toEqual(['alice:second'])
    })

    test('nobody’s it can’t be: what anybody may ask for would be done past every owner’s rule', async () => {
      const process = at.process()
      const job = noting(process, 'of-nobody')
      const handler = process.backend.endpoint(
        { public: 'a test' },
        async ({ db }) => void (await db.enqueue(job, { body: 'x' })),
      )
      const answer = await handler(new Request('http://127.0.0.1/', { method: 'POST' }))
      expect([answer.status, await states('of-nobody')]).toEqual([500, []])
      expect(String(process.events.flatMap((event) => ('error' in event ? [event.error] : [])))).toContain(
        'Nobody is signed in',
      )
    })

    test('a GET enqueues nothing', async () => {
      const process = at.process()
      process.signIn('alice')
      const job = noting(process, 'by-get')
      for (const transaction of [undefined, 'snapshot', 'statement'] as const) {
        const slots = transaction === undefined ? {} : { transaction }
        const handler = process.backend.endpoint(slots, async ({ defer }) => void (await defer(job, { body: 'x' })))
        expect((await handler(new Request('http://127.0.0.1/'))).status).toBe(500)
      }
      expect(await states('by-get')).toEqual([])
      expect(String(process.events.flatMap((event) => ('error' in event ? [event.error] : [])))).toContain(
        'a GET and a snapshot only read',
      )
    })
  })
})
