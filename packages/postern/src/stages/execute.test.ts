import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { sql } from 'drizzle-orm'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CustomerInput, customers, InvoiceInput, invoices, shop, type ShopEndpoint } from '../../test/shop.js'
import { create, remove } from '../operations.js'
import { problem } from '../problems.js'

const later: { error?: unknown } = {}
afterEach(() => void delete later.error)
const Named = z.object({ name: z.string() })
/** Throws after it has written, so that only a rollback leaves nothing. */
const throwing = (endpoint: ShopEndpoint, fail: () => unknown) => ({
  POST: endpoint({ body: Named }, async ({ db, body }) => {
    await db.customers.create(body)
    return fail()
  }),
})
const reject = (value: unknown) => () => Promise.reject(value)
const throwIt = (value: unknown) => () => {
  throw value
}
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/customers/[id]': { DELETE: endpoint({ owns: customers }, remove()) },
  '/api/invoices': { POST: endpoint({ body: InvoiceInput }, create(invoices)) },
  '/api/error': throwing(endpoint, throwIt(new Error('MARKER'))),
  '/api/string': throwing(endpoint, throwIt('MARKER')),
  '/api/null': throwing(endpoint, throwIt(null)),
  '/api/undefined': throwing(endpoint, throwIt(undefined)),
  '/api/object': throwing(endpoint, throwIt({ name: 'Problem', code: 'conflict', detail: 'MARKER' })),
  '/api/proxy': throwing(
    endpoint,
    throwIt(new Proxy({}, { get: throwIt(new Error('MARKER')), has: throwIt(new Error('MARKER')) })),
  ),
  '/api/rejected': throwing(endpoint, reject(new Error('MARKER'))),
  '/api/conflict': throwing(endpoint, throwIt(problem('conflict', 'This was sent already'))),
  '/api/caught': {
    POST: endpoint({ body: CustomerInput }, async ({ db, body }) => {
      await db.customers.create({ name: 'first' })
      await db.customers.create(body).catch(() => undefined)
      return { ok: true }
    }),
  },
  '/api/sql': { POST: endpoint({ body: Named }, ({ db }) => db.execute(sql`select MARKER from nowhere`)) },
  '/api/writing-get': { GET: endpoint({}, ({ db }) => db.customers.create({ name: 'by GET' })) },
  '/api/plain-get': { GET: endpoint({}, ({ db }) => db.insert(customers).values({ name: 'by GET' })) },
  '/api/sleeping': { POST: endpoint({ body: Named }, ({ db }) => db.execute(sql`select pg_sleep(5)`)) },
})

const leaks = /MARKER|customers|constraint|duplicate|violates|select|insert|\bat \S+:\d+|node_modules/i

describe.each(['postgres', 'embedded'] as const)('what PostgreSQL refuses, on %s', (on) => {
  const it = shop(routes, { on, database: { statementTimeoutMs: 300 } })
  const post = (path: string, body: object, as = 'alice') => it.app.recording(() => it.app.as(as).post(path, body))
  beforeAll(() => post('/api/customers', { name: 'x', email: 'taken MARKER' }))

  test.each<[number, string, string, object]>([
    [409, 'conflict', '/api/customers', { name: 'x', email: 'taken MARKER' }],
    [422, 'unprocessable', '/api/invoices', { customerId: '999999', number: 'MARKER', total: '1' }],
    [422, 'unprocessable', '/api/invoices', { customerId: 'MARKER', number: 'x', total: '1' }],
    [422, 'unprocessable', '/api/invoices', { customerId: '1', number: 'x', total: 'MARKER' }],
    [422, 'unprocessable', '/api/invoices', { customerId: '1', number: 'x', total: '1e400' }],
  ])('is %i %s at %s with %j, in general words; the log has the particular ones', async (status, code, path, body) => {
    const refused = await post(path, body)
    expect(refused.answer).toMatchObject({ status, body: { code } })
    expect(refused.answer.text).not.toMatch(leaks)
    refused.nothingWritten()
    const { requestId } = refused.answer.body as { requestId: string }
    expect(refused.events).toContainEqual(expect.objectContaining({ type: 'request.failed', requestId }))
    expect(refused.events).toContainEqual(
      expect.objectContaining({ type: 'request.refused', requestId, code, principalId: 'alice' }),
    )
  })

  test('another’s unique value collides without being told', async () => {
    const refused = await post('/api/customers', { name: 'x', email: 'taken MARKER' }, 'bob')
    expect([refused.answer.status, refused.answer.text.match(leaks)]).toEqual([409, null])
  })

  // The embedded database runs in this very thread, where nothing can interrupt a statement.
  test.runIf(on === 'postgres')('a statement that takes too long is 504, and the next request is served', async () => {
    const refused = await post('/api/sleeping', { name: 'x' })
    expect(refused.answer).toMatchObject({ status: 504, body: { code: 'timeout' } })
    expect((await post('/api/customers', { name: 'next' })).answer.status).toBe(201)
  })

  test.each(['error', 'string', 'null', 'undefined', 'object', 'proxy', 'rejected'])(
    'what a function throws (%s) undoes what it wrote and says nothing outside',
    async (name) => {
      const failed = await post(`/api/${name}`, { name: 'x' })
      expect(failed.answer).toMatchObject({
        status: 500,
        body: { code: 'internal', title: 'Something went wrong on our side' },
      })
      expect(failed.answer.text).not.toMatch(leaks)
      expect([failed.functions, failed.changed]).toEqual([1, []])
      const { requestId } = failed.answer.body as { requestId: string }
      expect(failed.events.some((event) => event.type === 'request.failed' && event.requestId === requestId)).toBe(true)
    },
  )

  test('what a function says on purpose goes out, and undoes what it wrote', async () => {
    const refused = await post('/api/conflict', { name: 'x' })
    expect(refused.answer).toMatchObject({ status: 409, body: { code: 'conflict', detail: 'This was sent already' } })
    expect(refused.changed).toEqual([])
    expect(refused.events.some((event) => event.type === 'request.failed')).toBe(false)
  })

  test('an error that was caught and not handled saves nothing and does not pass for success', async () => {
    const failed = await post('/api/caught', { name: 'x', email: 'taken MARKER' })
    expect([failed.answer.status, failed.changed]).toEqual([500, []])
  })

  test('a statement that is wrong is ours, and says nothing of itself', async () => {
    const failed = await post('/api/sql', { name: 'x' })
    expect([failed.answer.status, failed.answer.text.match(leaks)]).toEqual([500, null])
    expect(
      JSON.stringify(
        failed.events.find((event) => event.type === 'request.failed'),
        errors,
      ),
    ).toContain('42P01')
  })

  test.each(['/api/writing-get', '/api/plain-get'])('a GET can’t write (%s)', async (path) => {
    const failed = await it.app.recording(() => it.app.as('alice').get(path))
    expect([failed.answer.status, failed.changed]).toEqual([500, []])
    expect(
      JSON.stringify(
        failed.events.find((event) => event.type === 'request.failed'),
        errors,
      ),
    ).toContain('25006')
  })
})

/** Shows errors and their causes, which JSON leaves out. */
const errors = (_: string, value: unknown) =>
  value instanceof Error ? { ...value, message: value.message, cause: value.cause } : value

describe('a busy database', () => {
  const holding: { release?: () => void } = {}
  const it = shop(
    (endpoint) => ({
      ...routes(endpoint),
      '/api/hold': {
        POST: endpoint({ body: Named }, async ({ db, body }) => {
          await db.customers.create(body)
          await new Promise<void>((resolve) => void (holding.release = resolve))
        }),
      },
    }),
    { on: 'postgres', database: { poolSize: 1, poolWaitMs: 1_000 } },
  )

  test('is 503 with Retry-After, and serves again when it can', async () => {
    const held = it.app.as('alice').post('/api/hold', { name: 'x' })
    while (holding.release === undefined) await sleep(5)
    const refused = await it.app.as('bob').post('/api/customers', { name: 'x' })
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
    expect(refused.headers.get('retry-after')).toBe('1')
    holding.release()
    expect((await held).status).toBe(204)
    expect((await it.app.as('bob').post('/api/customers', { name: 'x' })).status).toBe(201)
  })
})

describe.each(['postgres', 'embedded'] as const)('a function that takes too long, on %s', (on) => {
  const it = shop(
    (endpoint) => ({
      ...routes(endpoint),
      '/api/never': { POST: endpoint({ body: Named }, () => new Promise(() => {})) },
      '/api/late': {
        POST: endpoint({ body: Named }, async ({ db, body, signal }) => {
          await db.customers.create(body)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          await db.customers.create(body).catch((error: unknown) => (later.error = error))
        }),
      },
    }),
    { on, backend: { requestTimeoutMs: 400 } },
  )

  test('and never returns is 504', async () => {
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/never', { name: 'x' }))
    expect(refused.answer).toMatchObject({ status: 504, body: { code: 'timeout' } })
    expect(refused.changed).toEqual([])
  })

  test('and goes on after its time writes nothing, and its later statements throw', async () => {
    const refused = await it.app.recording(async () => {
      const answer = await it.app.as('alice').post('/api/late', { name: 'x' })
      while (later.error === undefined) await sleep(5)
      return answer
    })
    expect(refused.answer.status).toBe(504)
    expect(refused.changed).toEqual([])
    expect(later.error).toBeInstanceOf(Error)
    expect((await it.app.as('alice').post('/api/customers', { name: 'next' })).status).toBe(201)
  })

  test('is told by its signal when the client has gone, and undone', async () => {
    const controller = new AbortController()
    const request = new Request('http://localhost/api/late', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"x"}',
      signal: controller.signal,
    })
    const gone = await it.app.recording(async () => {
      const answer = it.app.as('alice').send(request)
      await sleep(100)
      controller.abort()
      await answer
      while (later.error === undefined) await sleep(5)
    })
    expect(gone.changed).toEqual([])
  })
})
