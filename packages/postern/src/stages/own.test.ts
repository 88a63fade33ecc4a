import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { customers, InvoiceInput, invoices, payments, posts, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import type { Endpoint } from '../endpoint.js'
import { create, page, remove, row, update } from '../operations.js'
import { patchOf } from '../patch-of.js'
import { z } from 'zod'

let called = 0
afterEach(() => void (called = 0))
const PostInput = z.object({ title: z.string() })
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: z.object({ name: z.string() }) }, create(customers)) },
  '/api/invoices': { POST: endpoint({ body: InvoiceInput }, create(invoices)) },
  '/api/invoices/[id]': {
    GET: endpoint({ sees: invoices }, row()),
    PATCH: endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update()),
    DELETE: endpoint({ owns: invoices }, remove()),
    POST: endpoint({ owns: invoices }, ({ resource }) => {
      called += 1
      return { number: resource.number }
    }),
  },
  '/api/invoices/[id]/owned': { GET: endpoint({ owns: invoices }, row()) },
  '/api/invoices/[id]/payments': {
    GET: endpoint({ owns: invoices, query: listQuery(payments) }, page(payments, { under: 'invoice' })),
    POST: endpoint({ owns: invoices, body: z.object({ amount: z.string() }) }, create(payments, { under: 'invoice' })),
  },
  '/api/posts': { POST: endpoint({ body: PostInput }, create(posts)) },
  '/api/posts/[id]': {
    GET: endpoint({ public: 'a blog', sees: posts }, row()),
    PATCH: endpoint({ owns: posts, body: PostInput }, update()),
    DELETE: endpoint({ owns: posts }, remove()),
    POST: endpoint({ owns: posts }, () => void (called += 1)),
    PUT: endpoint({ sees: posts }, ({ resource }) => ({ title: resource.title })),
  },
  '/api/posts/[id]/owned': { GET: endpoint({ owns: posts }, () => ({ called: (called += 1) })) },
  '/api/customers/[customerId]/invoices/[invoiceId]': {
    GET: endpoint({ sees: { table: invoices, param: 'invoiceId' } }, row()),
    POST: endpoint({ owns: { table: invoices, param: 'invoiceId' } }, ({ resource }) => ({ id: resource.id })),
  },
  '/api/files/[...path]': {
    GET: endpoint(
      { owns: ({ params, principal }) => (params['path']?.[0] === principal?.id ? { path: params['path'] } : null) },
      ({ resource }) => {
        called += 1
        return resource
      },
    ),
  },
})

const absent = '999999'
const hostile = [
  '0',
  '-1',
  '1e3',
  '01',
  '1.0',
  '9223372036854775808',
  '99999999999999999999',
  '%D9%A1',
  '１',
  ' 1',
  '1%20',
  "1'",
  'x',
]

const without = (text: string) => text.replace(/"requestId":"[^"]+"/, '')

const names = (headers: Headers) => [...headers].filter(([name]) => name !== 'x-request-id')

describe.each(['postgres', 'embedded'] as const)('whose row it is, on %s', (on) => {
  const it = shop(routes, { on })
  let customer: string
  let invoice: string
  let post: string
  beforeAll(async () => {
    const alice = it.app.as('alice')
    customer = (await alice.post<{ id: string }>('/api/customers', { name: 'ACME' })).body.id
    const input = { customerId: customer, number: 'A-1', total: '12.50' }
    invoice = (await alice.post<{ id: string }>('/api/invoices', input)).body.id
    post = (await alice.post<{ id: string }>('/api/posts', { title: 'Hello' })).body.id
  })
  test.each([
    ['GET', '', undefined],
    ['PATCH', '', { total: '1' }],
    ['DELETE', '', undefined],
    ['POST', '', undefined],
    ['GET', '/owned', undefined],
    ['GET', '/payments', undefined],
    ['POST', '/payments', { amount: '1' }],
  ])('%s %s of another’s invoice answers the bytes of one that is not there', async (method, rest, body) => {
    const ask = (id: string) =>
      it.app.recording(() =>
        it.app.as('bob').send(
          new Request(`http://localhost/api/invoices/${id}${rest}`, {
            method,
            ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
          }),
        ),
      )
    const [theirs, none] = [await ask(invoice), await ask(absent)]
    expect([theirs.answer.status, without(theirs.answer.text)]).toEqual([404, without(none.answer.text)])
    expect(names(theirs.answer.headers)).toEqual(names(none.answer.headers))
    // The same work, too: an answer that took a round trip more would tell them apart.
    expect(theirs.statements).toEqual(none.statements)
    theirs.nothingWritten()
    none.nothingWritten()
    expect(called).toBe(0)
  })

  test('the owner gets all of it', async () => {
    const alice = it.app.as('alice')
    expect((await alice.get(`/api/invoices/${invoice}`)).body).toMatchObject({ number: 'A-1', total: '12.5000' })
    expect((await alice.get(`/api/invoices/${invoice}/owned`)).status).toBe(200)
    expect((await alice.post(`/api/invoices/${invoice}`)).body).toEqual({ number: 'A-1' })
    expect((await alice.post(`/api/invoices/${invoice}/payments`, { amount: '5' })).status).toBe(201)
    expect((await alice.get(`/api/invoices/${invoice}/payments`)).body).toMatchObject({ data: [{ amount: '5.0000' }] })
  })

  test('a row that is only readable is seen and not owned', async () => {
    const bob = it.app.as('bob')
    expect((await it.app.nobody.get(`/api/posts/${post}`)).body).toMatchObject({ title: 'Hello' })
    expect((await bob.put(`/api/posts/${post}`)).body).toEqual({ title: 'Hello' })
    const refused = await it.app.recording(async () => [
      await bob.patch(`/api/posts/${post}`, { title: 'Mine' }),
      await bob.delete(`/api/posts/${post}`),
      await bob.post(`/api/posts/${post}`),
      await bob.get(`/api/posts/${post}/owned`),
    ])
    expect(refused.answer.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    refused.nothingWritten()
    expect((await it.app.as('alice').get(`/api/posts/${post}/owned`)).status).toBe(200)
  })

  test.each(hostile)('an id that can’t be one, %s, is nobody’s row, and the database is not even asked', async (id) => {
    const { answer, nothing } = await it.app.recording(() => it.app.as('alice').get(`/api/invoices/${id}`))
    expect(answer.status).toBe(404)
    nothing()
    const posted = await it.app.recording(() => it.app.as('alice').post(`/api/invoices/${id}`))
    expect(posted.answer.status).toBe(404)
    posted.nothingWritten()
  })

  test('a NUL in an id is refused, not stumbled over', async () => {
    for (const id of ['%00', '1%00', '%001']) {
      const { answer, nothing } = await it.app.recording(() => it.app.as('alice').get(`/api/invoices/${id}`))
      expect(answer.status).toBeLessThan(500)
      nothing()
    }
  })

  test('the rest of the path must be true of the row', async () => {
    const alice = it.app.as('alice')
    expect((await alice.get(`/api/customers/${customer}/invoices/${invoice}`)).status).toBe(200)
    expect((await alice.post(`/api/customers/${customer}/invoices/${invoice}`)).body).toEqual({ id: invoice })
    for (const other of [absent, 'x', '%20', '1e0', '9223372036854775808']) {
      expect((await alice.get(`/api/customers/${other}/invoices/${invoice}`)).status).toBe(404)
      expect((await alice.post(`/api/customers/${other}/invoices/${invoice}`)).status).toBe(404)
    }
  })
})

describe('a resource of another store', () => {
  const it = shop(routes)

  test('is loaded by a function, which is given every segment of a catch-all', async () => {
    expect((await it.app.as('alice').get('/api/files/alice/a/b')).body).toEqual({ path: ['alice', 'a', 'b'] })
    const refused = await it.app.recording(() => it.app.as('bob').get('/api/files/alice/a/b'))
    expect([refused.answer.status, called]).toEqual([404, 1])
    refused.nothing()
  })
})

describe('a path and an endpoint that don’t fit each other are our fault, and logged', () => {
  const it = shop(routes)
  const call = async (make: (endpoint: Endpoint<never>) => unknown, params: Record<string, string | string[]>) => {
    const handler = make(it.backend.endpoint as never) as (request: Request, context: object) => Promise<Response>
    return it.app.recording(async () => {
      const response = await handler(new Request('http://localhost/x'), { params: Promise.resolve(params) })
      return [response.status, await response.text()] as const
    })
  }
  const logged = ({ events }: Awaited<ReturnType<typeof call>>) =>
    events.flatMap((event) => (event.type === 'request.failed' ? [String(event.error)] : [])).join()

  test.each<[string, (endpoint: Endpoint<never>) => unknown, Record<string, string | string[]>, RegExp]>([
    [
      'says nothing of the row at [id]',
      (endpoint) => endpoint({ public: 'x' }, () => void (called += 1)),
      { id: '1' },
      /has \[id\] and the endpoint says none of owns, sees, unowned/,
    ],
    [
      'has no segment [id]',
      (endpoint) => endpoint({ public: 'x', sees: posts } as never, row() as never),
      { postId: '1' },
      /no segment \[id\]; say \{ table, param: 'name' \}/,
    ],
    [
      'has a segment that is no column',
      (endpoint) => endpoint({ public: 'x', sees: posts } as never, row() as never),
      { id: '1', tenant: 'x' },
      /\[tenant\] is no column of posts/,
    ],
  ])('where the path %s', async (_, make, params, sentence) => {
    const happened = await call(make, params)
    expect(happened.answer[0]).toBe(500)
    expect(happened.answer[1]).not.toMatch(sentence)
    expect(logged(happened)).toMatch(sentence)
    happened.nothing()
    expect(called).toBe(0)
  })
})
