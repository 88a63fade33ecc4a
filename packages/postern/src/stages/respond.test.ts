import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { CustomerInput, customers, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { create, page, remove, row } from '../operations.js'
import { columns } from '../response-columns.js'
import { Secret } from '../schema/index.js'

const results: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  text: () => 'text',
  zero: () => 0,
  false: () => false,
  list: () => [],
  bigint: () => ({ id: 9_223_372_036_854_775_807n }),
  date: () => ({ at: new Date('2026-01-02T03:04:05.678Z') }),
  secret: () => ({ name: 'x', pin: new Secret('MARKER'), pins: [new Secret('MARKER')] }),
  response: () => new Response('hello', { status: 202, headers: { 'x-own': '1', 'x-frame-options': 'SAMEORIGIN' } }),
  immutable: () => Response.redirect('https://example.com/elsewhere', 303),
  fetched: () => fetch('data:text/plain,hello'),
  loop: () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    return loop
  },
}
const routes = (endpoint: ShopEndpoint) => ({
  ...Object.fromEntries(Object.entries(results).map(([name, run]) => [`/api/${name}`, { GET: endpoint({}, run) }])),
  '/api/customers': {
    GET: endpoint({ query: listQuery(customers) }, page(customers)),
    POST: endpoint({ body: CustomerInput }, create(customers)),
    PUT: endpoint({ body: CustomerInput }, ({ db, body }) => db.customers.create(body)),
  },
  '/api/customers/[id]': { GET: endpoint({ sees: customers }, row()), DELETE: endpoint({ owns: customers }, remove()) },
  '/api/customers/[id]/name': { GET: endpoint({ sees: customers, response: columns(customers, ['name']) }, row()) },
  '/api/customers/[id]/function': {
    GET: endpoint({ sees: customers, response: columns(customers, ['id', 'name']) }, ({ resource }) => ({
      ...resource,
      more: 1,
    })),
  },
  '/api/names': {
    GET: endpoint({ query: listQuery(customers), response: columns(customers, ['name']) }, page(customers)),
    POST: endpoint({ body: CustomerInput, response: columns(customers, ['name']) }, create(customers)),
  },
  '/api/pins': { GET: endpoint({}, ({ db }) => db.select().from(customers)) },
  '/api/schema': {
    POST: endpoint({ body: CustomerInput, response: z.object({ name: z.string() }) }, ({ db, body }) =>
      db.customers.create(body),
    ),
  },
  '/api/paved-schema': {
    POST: endpoint({ body: CustomerInput, response: z.object({ name: z.string() }) }, create(customers)),
  },
  '/api/misfit': {
    POST: endpoint({ body: CustomerInput, response: z.object({ MARKER: z.string() }) }, ({ db, body }) =>
      db.customers.create(body),
    ),
  },
  '/api/paved-misfit': {
    POST: endpoint({ body: CustomerInput, response: z.object({ MARKER: z.string() }) }, create(customers)),
  },
  '/api/accepted': { POST: endpoint({ body: CustomerInput, status: 202 }, create(customers)) },
  '/api/public': { GET: endpoint({ public: 'a price list' }, () => ({ price: 1 })) },
})
const it = shop(routes)
const get = (path: string) => it.app.as('alice').get<unknown>(path)

describe('what a function returns', () => {
  test.each([
    ['undefined', 204, undefined],
    ['null', 204, undefined],
    ['text', 200, 'text'],
    ['zero', 200, 0],
    ['false', 200, false],
    ['list', 200, []],
    ['bigint', 200, { id: '9223372036854775807' }],
    ['date', 200, { at: '2026-01-02T03:04:05.678Z' }],
    ['secret', 200, { name: 'x', pins: [null] }],
  ])('%s answers %i', async (name, status, body) => {
    expect(await get(`/api/${name}`)).toMatchObject({ status, ...(body === undefined ? { text: '' } : { body }) })
  })

  test('a Response passes with what it says, and gets what it does not', async () => {
    const { status, headers, text } = await get('/api/response')
    expect([status, text, headers.get('x-own'), headers.get('x-frame-options')]).toEqual([
      202,
      'hello',
      '1',
      'SAMEORIGIN',
    ])
    expect([headers.get('x-content-type-options'), headers.has('x-request-id')]).toEqual(['nosniff', true])
  })

  test.each([
    ['immutable', 303],
    ['fetched', 200],
  ])('a Response whose headers can’t be changed passes too (%s)', async (name, status) => {
    const answer = await get(`/api/${name}`)
    expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([status, 'nosniff'])
  })

  test('what JSON can’t hold is our fault', async () => {
    expect((await get('/api/loop')).status).toBe(500)
  })
})

describe('success', () => {
  const input = { name: 'ACME', pin: 'MARKER' }

  test('a new row answers 201 and where it is, whichever way it was made; then 200, then 204', async () => {
    for (const method of ['post', 'put'] as const) {
      const { status, headers, body, text } = await it.app.as('alice')[method]<{ id: string }>('/api/customers', input)
      expect([status, headers.get('location')]).toEqual([201, `/api/customers/${body.id}`])
      expect(text).not.toContain('MARKER')
      const at = headers.get('location')!
      expect((await get(at)).body).toEqual(body)
      expect(await it.app.as('alice').delete(at)).toMatchObject({ status: 204, text: '' })
      expect((await get(at)).status).toBe(404)
    }
  })

  test('has the status that the slot says', async () => {
    expect((await it.app.as('alice').post('/api/accepted', input)).status).toBe(202)
  })

  test('is kept by no cache, unless it is public', async () => {
    expect((await get('/api/zero')).headers.get('cache-control')).toBe('no-store')
    expect((await it.app.nobody.get('/api/public')).headers.get('cache-control')).toBeNull()
  })

  test('carries the headers that keep a browser from being tricked, and https only where it was https', async () => {
    const { headers } = await get('/api/zero')
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    expect(headers.has('strict-transport-security')).toBe(false)
    const secure = await it.app.as('alice').send(new Request('https://localhost/api/zero'))
    expect(secure.headers.get('strict-transport-security')).toMatch(/max-age=\d{8}/)
  })
})

describe('what leaves is an allow-list', () => {
  const input = { name: 'ACME', pin: 'MARKER' }

  test('of columns, for rows, lists, new rows and what functions return', async () => {
    const alice = it.app.as('alice')
    const { body } = await alice.post<{ id: string }>('/api/customers', input)
    const happened = await it.app.recording(() => get(`/api/customers/${body.id}/name`))
    expect(happened.answer.body).toEqual({ name: 'ACME' })
    expect(happened.statements.join()).not.toContain('email')
    expect((await get(`/api/customers/${body.id}/function`)).body).toEqual({ id: body.id, name: 'ACME' })
    expect((await alice.post('/api/names', input)).body).toEqual({ name: 'ACME' })
    expect((await get('/api/names?limit=1')).body).toMatchObject({ data: [{ name: 'ACME' }] })
  })

  test('secret columns never leave, neither by paved operations nor by plain Drizzle', async () => {
    const alice = it.app.as('alice')
    const made = await alice.post<{ id: string }>('/api/customers', input)
    const [read, listed] = [await get(`/api/customers/${made.body.id}`), await get('/api/customers')]
    const byFunction = await alice.send(
      new Request('http://localhost/api/customers', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(input),
      }),
    )
    for (const answer of [made, read, listed, byFunction]) {
      expect([answer.text.includes('ACME'), answer.text.includes('MARKER')]).toEqual([true, false])
    }
    const { status, text, body } = await get('/api/pins')
    expect([status, text.includes('MARKER'), (body as object[]).length > 0]).toEqual([200, false, true])
  })

  test('a schema strips the rest', async () => {
    for (const path of ['/api/schema', '/api/paved-schema']) {
      expect(await it.app.as('alice').post(path, input)).toMatchObject({ status: 201, body: { name: 'ACME' } })
      expect((await it.app.as('alice').post(path, input)).body).toEqual({ name: 'ACME' })
    }
  })

  test.each(['/api/misfit', '/api/paved-misfit'])(
    'what does not fit its schema at %s is undone and told to nobody',
    async (path) => {
      const happened = await it.app.recording(() => it.app.as('alice').post(path, { name: 'SECOND MARKER' }))
      expect(happened.answer.status).toBe(500)
      expect(happened.answer.text).not.toContain('MARKER')
      expect(happened.changed).toEqual([])
      expect(happened.statements.join()).toContain('insert into')
      expect(happened.events).toContainEqual(
        expect.objectContaining({
          type: 'request.failed',
          error: new Error(
            'What was to be answered does not fit the response schema: MARKER: Invalid input: expected string, received undefined',
          ),
        }),
      )
    },
  )
})
