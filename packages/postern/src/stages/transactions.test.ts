import { z } from 'zod'
import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { customers, posts, shop, type ShopEndpoint } from '../../test/shop.js'
import { create } from '../operations.js'

const Named = z.object({ name: z.string() })
const failing = (endpoint: ShopEndpoint, transaction: 'request' | 'statement') =>
  endpoint({ body: Named, transaction }, async ({ db, body }) => {
    await db.customers.create(body)
    throw new Error('after the first statement')
  })
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: Named }, create(customers)) },
  '/api/posts': { POST: endpoint({ body: z.object({ title: z.string() }) }, create(posts)) },
  '/api/request': { POST: failing(endpoint, 'request') },
  '/api/statement': { POST: failing(endpoint, 'statement') },
  '/api/together': {
    POST: endpoint({ body: Named, transaction: 'statement' }, async ({ db, body }) => {
      await db.transaction(async (tx) => {
        await tx.customers.create(body)
        throw new Error('inside the transaction')
      })
    }),
  },
  '/api/savepoint': {
    POST: endpoint({ body: Named }, async ({ db, body }) => {
      await db.customers.create({ name: `${body.name} stays` })
      await db
        .transaction(async (tx) => {
          await tx.customers.create({ name: `${body.name} goes` })
          await tx.execute('select 1/0')
        })
        .catch(() => undefined)
      const rows = await db.select({ name: customers.name }).from(customers)
      return rows.map(({ name }) => name)
    }),
  },
  '/api/beside': {
    POST: endpoint({}, async ({ db }) => {
      const [, kept] = await Promise.allSettled([
        db.transaction(async (tx) => {
          await tx.posts.create({ title: 'goes' })
          await tx.execute('select 1/0')
        }),
        db.posts.create({ title: 'stays' }),
      ])
      return kept
    }),
  },
  '/api/writing/request': {
    GET: endpoint({ transaction: 'request' }, ({ db }) => db.customers.create({ name: 'by GET' })),
  },
  '/api/writing/statement': {
    GET: endpoint({ transaction: 'statement' }, ({ db }) => db.customers.create({ name: 'by GET' })),
  },
  '/api/snapshot': {
    GET: endpoint({ transaction: 'snapshot' }, async ({ db }) => {
      const before = (await db.customers.page()).data.length
      await db.execute('select pg_sleep(0.3)')
      return [before, (await db.customers.page()).data.length]
    }),
  },
  '/api/writing-snapshot': {
    POST: endpoint({ body: Named, transaction: 'snapshot' }, ({ db, body }) => db.customers.create(body)),
  },
  '/api/posts/[id]/take': {
    POST: endpoint({ sees: posts }, async ({ db, resource }) => {
      await db.asService('a moderator takes it down').posts.update(resource.id, { title: 'taken down' })
      throw new Error('and changes their mind')
    }),
  },
  '/api/posts/[id]/keep': {
    POST: endpoint({ sees: posts }, async ({ db, resource }) => {
      await db.asService('a moderator takes it down').posts.update(resource.id, { title: 'taken down' })
      // The same transaction: what the service wrote is there for the principal at once.
      return db.posts.find(resource.id)
    }),
  },
  '/api/posts/[id]/bump': {
    POST: endpoint({ owns: posts }, async ({ db, resource }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return db.posts.update(resource.id, { title: String(Number(resource.title) + 1) })
    }),
  },
  '/api/posts/[id]/own-statement': {
    POST: endpoint({ owns: posts, transaction: 'statement' }, ({ resource }) => ({ title: resource.title })),
  },
  '/api/nothing': { POST: endpoint({ body: Named }, () => ({ ok: true })) },
  '/api/one': { POST: endpoint({ body: Named }, ({ db, body }) => db.customers.create(body)) },
  '/api/plain': {
    POST: endpoint({ body: Named }, async ({ db, body }) => {
      const [made] = await db.insert(customers).values(body).returning()
      await db.update(customers).set({ name: 'renamed' }).where(eq(customers.id, made!.id))
      return made
    }),
  },
})

describe.each(['postgres', 'embedded'] as const)('what stands or falls together, on %s', (on) => {
  const it = shop(routes, { on })
  const post = (path: string, as = 'alice', body: object = { name: 'x' }) =>
    it.app.recording(() => it.app.as(as).post<unknown>(path, body))

  test('a request is one transaction, unless each statement is meant to be its own', async () => {
    expect(await post('/api/request')).toMatchObject({ answer: { status: 500 }, changed: [] })
    expect(await post('/api/statement')).toMatchObject({ answer: { status: 500 }, changed: ['customers'] })
    expect(await post('/api/together')).toMatchObject({ answer: { status: 500 }, changed: [] })
  })

  test('a transaction inside it is a savepoint', async () => {
    expect((await post('/api/savepoint', 'carol', { name: 'c' })).answer).toMatchObject({
      status: 200,
      body: ['c stays'],
    })
  })

  test('what runs beside a transaction that fails is not undone with it', async () => {
    const { answer, changed } = await post('/api/beside', 'beside')
    expect([answer.body, changed]).toEqual([expect.objectContaining({ status: 'fulfilled' }), ['posts']])
  })

  test.each(['request', 'statement'])('a GET can’t write, even in transaction: %s', async (mode) => {
    const happened = await it.app.recording(() => it.app.as('alice').get(`/api/writing/${mode}`))
    expect(happened).toMatchObject({ answer: { status: 500 }, changed: [] })
  })

  test('a snapshot can’t write', async () => {
    expect(await post('/api/writing-snapshot')).toMatchObject({ answer: { status: 500 }, changed: [] })
  })

  test.runIf(on === 'postgres')('a snapshot sees one moment', async () => {
    await it.app.as('sam').post('/api/customers', { name: 'before' })
    const seen = it.app.as('sam').get('/api/snapshot')
    await new Promise((resolve) => setTimeout(resolve, 100))
    await it.app.as('sam').post('/api/customers', { name: 'meanwhile' })
    expect((await seen).body).toEqual([1, 1])
  })

  test('the service joins the request’s transaction and is told of', async () => {
    const { body } = await it.app.as('alice').post<{ id: string }>('/api/posts', { title: 'Hello' })
    const undone = await post(`/api/posts/${body.id}/take`, 'bob')
    expect(undone).toMatchObject({ answer: { status: 500 }, services: ['a moderator takes it down'], changed: [] })
    const kept = await post(`/api/posts/${body.id}/keep`, 'bob')
    expect(kept).toMatchObject({ answer: { status: 200, body: { title: 'taken down' } }, changed: ['posts'] })
    expect(kept.connections).toBe(1)
  })

  test('a row that is owned stays as it was read until the function is done', async () => {
    const { body } = await it.app.as('alice').post<{ id: string }>('/api/posts', { title: '0' })
    const bump = () => it.app.as('alice').post<{ title: string }>(`/api/posts/${body.id}/bump`)
    const bumped = await Promise.all(Array.from({ length: 8 }, bump))
    expect(bumped.map((answer) => Number(answer.body.title)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  test('a row is owned in every mode, locked or not', async () => {
    const { body } = await it.app.as('alice').post<{ id: string }>('/api/posts', { title: 'Hello' })
    const path = `/api/posts/${body.id}/own-statement`
    expect((await post(path, 'alice')).answer).toMatchObject({ status: 200, body: { title: 'Hello' } })
    const refused = await post(path, 'bob')
    expect([refused.answer.status, refused.functions]).toEqual([404, 0])
  })

  test('a function that does not touch the database opens none', async () => {
    const happened = await post('/api/nothing')
    expect(happened).toMatchObject({ answer: { status: 200 }, connections: 0, functions: 1 })
  })

  test('a paved write is one round trip, one statement by a function two', async () => {
    expect((await post('/api/customers')).roundTrips).toBe(1)
    expect((await post('/api/one')).roundTrips).toBe(2)
  })

  test('plain Drizzle runs as the principal, in the same transaction', async () => {
    expect(await post('/api/plain', 'dora')).toMatchObject({ connections: 1, answer: { body: { ownerId: 'dora' } } })
  })
})
