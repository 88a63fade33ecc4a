import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { customers, InvoiceInput, invoices, shop, type ShopEndpoint } from '../../test/shop.js'
import { eq } from 'drizzle-orm'
import { createBackend } from '../backend.js'
import { database } from '../database/database.js'
import { create } from '../operations.js'
import { z } from 'zod'

let called = 0
afterEach(() => void (called = 0))

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: z.object({ name: z.string() }) }, create(customers)) },
  '/api/invoices': { POST: endpoint({ body: InvoiceInput }, create(invoices)) },
  '/api/numbers/[number]': {
    GET: endpoint(
      {
        sees: ({ db, params }) => db.query.invoices.findFirst({ where: eq(invoices.number, String(params['number'])) }),
      },
      ({ resource }) => ({ id: resource.id, called: (called += 1) }),
    ),
    POST: endpoint(
      {
        owns: async ({ db, params }) => {
          const { data } = await db.invoices.page({ limit: 1, filter: {} })
          await db.invoices.update(data[0]?.id ?? '0', { total: '7' })
          return params['number'] === 'A-1' ? data[0] : null
        },
      },
      ({ resource }) => ({ id: resource.id, called: (called += 1) }),
    ),
  },
})

describe.each(['postgres', 'embedded'] as const)('a function that says whose row it is, on %s', (on) => {
  const it = shop(routes, { on })
  let id: string
  beforeAll(async () => {
    const alice = it.app.as('alice')
    const customerId = (await alice.post<{ id: string }>('/api/customers', { name: 'ACME' })).body.id
    id = (await alice.post<{ id: string }>('/api/invoices', { customerId, number: 'A-1', total: '1' })).body.id
  })

  test('asks the database as the caller: another’s row is none, whatever it says', async () => {
    expect((await it.app.as('alice').get('/api/numbers/A-1')).body).toEqual({ id, called: 1 })
    const refused = await it.app.recording(() => it.app.as('bob').get('/api/numbers/A-1'))
    expect(refused.answer.status).toBe(404)
    refused.nothingWritten()
  })

  test('writes in the transaction of the request: what it did is gone where it says no', async () => {
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/numbers/B-2'))
    expect([refused.answer.status, refused.changed, refused.connections]).toEqual([404, [], 1])
    const passed = await it.app.recording(() => it.app.as('alice').post('/api/numbers/A-1'))
    expect([passed.answer.status, passed.changed, passed.connections]).toEqual([200, ['invoices'], 1])
  })
})

test('a handle that acts as the service is no database for requests', () => {
  const db = database({ schema: {}, directory: 'memory://' })
  expect(() => createBackend({ database: db.service('api'), auth: () => null })).toThrow('db.service() sees every row')
})
