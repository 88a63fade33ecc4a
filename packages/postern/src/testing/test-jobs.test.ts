import { expect, test } from 'vitest'
import { z } from 'zod'
import { shop } from '../../test/shop.js'

const runs: string[] = []
const app = shop((endpoint) => {
  const { job } = app.backend
  const second = job({ name: 'second' }, ({ attempt }) => void runs.push(`second ${attempt}`))
  const first = job(
    { name: 'first', input: z.object({ n: z.number() }) },
    async ({ input, db, attempt, principal }) => {
      runs.push(`first ${input.n} by ${principal?.id}, attempt ${attempt}`)
      await db.enqueue(second)
      if (input.n === 2 && attempt < 3) throw new Error('not yet')
      if (input.n === 3) throw new Error('never')
    },
  )
  const POST = endpoint({ body: z.object({ n: z.number() }) }, async ({ defer, body }) => {
    await defer(first, body, { startAfter: 86_400_000 })
  })
  return { '/api/first': { POST } }
})

test('what was enqueued waits until the test has it run, and then is run to its end', async () => {
  for (const n of [1, 2, 3]) await app.app.as('alice').post('/api/first', { n })
  expect(await app.app.enqueued()).toMatchObject(
    [1, 2, 3].map((n) => ({ job: 'first', input: { n }, principalId: 'alice', startAfter: expect.any(Date) })),
  )
  expect(runs).toEqual([])
  const done = await app.app.runJobs()
  const ends = done.map(({ job, state, attempts }) => `${job} ${state} ${attempts}`).toSorted()
  expect(ends).toEqual(['first dead 10', 'first done 1', 'first done 3', 'second done 1', 'second done 1'])
  expect(done.find(({ state }) => state === 'dead')).toMatchObject({ error: { message: 'never' } })
  expect(runs).toContain('first 2 by alice, attempt 3')
  expect([await app.app.enqueued(), await app.app.runJobs()]).toEqual([[], []])
})
