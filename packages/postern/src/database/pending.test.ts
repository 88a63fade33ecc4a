import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { careful, forgetful } from '../../test/forgetful.js'
import { shop, type ShopEndpoint } from '../../test/shop.js'
import { runtimeOf } from '../runtime.js'

const routes = (endpoint: ShopEndpoint) => ({
  '/api/forgetful/[what]': {
    POST: endpoint({ unowned: 'a test', params: z.object({ what: z.string() }) }, async ({ db, params }) => {
      await db.customers.create({ name: 'before' })
      await forgetful[params.what]!(db)
      return { ok: true }
    }),
  },
  '/api/careful/[what]': {
    POST: endpoint({ unowned: 'a test', params: z.object({ what: z.string() }) }, ({ db, params }) =>
      careful[params.what]!(db),
    ),
  },
})
const it = shop(routes)
const post = (path: string) => it.app.recording(() => it.app.as('alice').post(encodeURI(path)))

describe.each(Object.keys(forgetful))('%s that nobody awaits', (what) => {
  test('fails the request while it is written, names its line, and undoes the rest', async () => {
    const failed = await post(`/api/forgetful/${what}`)
    expect([failed.answer.status, failed.changed]).toEqual([500, []])
    const told = failed.events.flatMap((event) => (event.type === 'request.failed' ? [String(event.error)] : []))
    expect(told.join()).toContain(`${what} was created and neither awaited nor returned, at `)
    expect(told.join()).toMatch(/test\/forgetful\.ts:\d+:\d+\. Await it, or return it\./)
  })

  test('is told in the log of production, where the request goes on', async () => {
    const runtime = runtimeOf(it.backend) as { strict: boolean }
    runtime.strict = false
    try {
      const done = await post(`/api/forgetful/${what}`)
      expect([done.answer.status, done.changed]).toEqual([200, ['customers']])
      expect(done.events).toContainEqual(
        expect.objectContaining({
          type: 'log',
          level: 'error',
          message: `${what} was created and neither awaited nor returned`,
        }),
      )
    } finally {
      runtime.strict = true
    }
  })
})

test.each(Object.keys(careful))('an operation that runs is not missed (%s)', async (what) => {
  const { answer, events } = await post(`/api/careful/${what}`)
  expect([answer.status, events.filter((event) => event.type === 'request.failed')]).toEqual([expect.any(Number), []])
  expect(answer.status).toBeLessThan(300)
})
