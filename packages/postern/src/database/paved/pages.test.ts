import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  CustomerInput,
  customers,
  InvoiceInput,
  invoices,
  payments,
  shop,
  type ShopEndpoint,
} from '../../../test/shop.js'
import { create, page, remove, row } from '../../operations.js'
import { z } from 'zod'
import { listQuery } from './list-query.js'

const query = listQuery(invoices, {
  sort: ['dueAt', 'rank', 'number', 'id'],
  filter: ['status', 'customerId', 'dueAt', 'rank', 'total', 'number'],
})
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/invoices': {
    GET: endpoint({ query }, page(invoices)),
    POST: endpoint({ body: InvoiceInput }, create(invoices)),
    PUT: endpoint({ query }, ({ db, query: asked }) => db.invoices.page(asked, { with: { customer: true } })),
  },
  '/api/with': { GET: endpoint({ query }, page(invoices, { with: { customer: true } })) },
  '/api/plain': { GET: endpoint({ query: listQuery(invoices) }, page(invoices)) },
  '/api/invoices/[id]': {
    GET: endpoint({ sees: invoices }, row({ with: { customer: true } })),
    DELETE: endpoint({ owns: invoices }, remove()),
  },
  '/api/invoices/[id]/payments': {
    GET: endpoint({ sees: invoices, query: listQuery(payments) }, page(payments, { under: 'invoice' })),
    POST: endpoint({ owns: invoices, body: z.object({ amount: z.string() }) }, create(payments, { under: 'invoice' })),
  },
})

interface Invoice {
  readonly id: string
  readonly number: string
  readonly rank: number | null
  readonly dueAt: string | null
}
interface PageBody {
  readonly data: Invoice[]
  readonly next: string | null
}

describe.each(['postgres', 'embedded'] as const)('pages of a list, on %s', (on) => {
  const it = shop(routes, { on })
  let customer = ''
  const ids: string[] = []
  const add = async (number: string, rank?: number, dueAt?: string, as = 'alice', customerId = customer) => {
    const made = await it.app.as(as).post<Invoice>('/api/invoices', { customerId, number, total: '1', rank, dueAt })
    expect(made.status).toBe(201)
    return made.body.id
  }
  const get = async (path: string, as = 'alice') => it.app.as(as).get<PageBody>(path)

  beforeAll(async () => {
    customer = (await it.app.as('alice').post<{ id: string }>('/api/customers', { name: 'ACME' })).body.id
    const instants = ['2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00.002Z', undefined, '2026-01-01T00:00:00.000Z']
    for (let n = 0; n < 16; n += 1) {
      ids.push(await add(`N${n % 3}`, n % 5 === 0 ? undefined : n % 4, instants[n % 4]))
    }
  })

  /** Walks a list from its first page to its last. */
  async function walk(path: string, between: () => Promise<unknown> = async () => undefined): Promise<Invoice[]> {
    const rows: Invoice[] = []
    for (let next: string | null = ''; next !== null;) {
      const { status, body } = await get(`${path}${next === '' ? '' : `&after=${next}`}`)
      expect(status).toBe(200)
      rows.push(...body.data)
      next = body.next
      if (rows.length > 60) throw new Error('The list does not end')
      await between()
    }
    return rows
  }

  const sorts = ['dueAt', 'rank', 'number', 'id', 'dueAt,rank', 'rank,-dueAt', '-number,dueAt', '-dueAt,-rank,number']
  test.each(sorts.flatMap((sort) => [sort, turned(sort)]))(
    'sorted by %s, every row comes once, whatever the size of a page, NULLs last',
    async (sort) => {
      const whole = (await get(`/api/invoices?limit=100&sort=${sort}`)).body.data
      expect(new Set(whole.map(({ id }) => id))).toEqual(new Set(ids))
      for (const limit of [1, 3, 7]) {
        const walked = await walk(`/api/invoices?limit=${limit}&sort=${sort}`)
        expect(walked.map(({ id }) => id)).toEqual(whole.map(({ id }) => id))
      }
      const first = sort.replace(/^-/, '').split(',')[0] as keyof Invoice
      const nulls = whole.map((invoice) => invoice[first] === null)
      expect(nulls).toEqual([...nulls].sort())
    },
  )

  test('the last page says so, and one that is exactly full too', async () => {
    expect((await get('/api/invoices?limit=16')).body.next).toBeNull()
    expect((await get('/api/invoices?limit=15')).body.next).not.toBeNull()
  })

  test('rows that come and go meanwhile neither shift nor repeat the others', async () => {
    const cameAndWent: string[] = []
    const walked = await walk('/api/invoices?limit=2&sort=number', async () => {
      if (cameAndWent.length >= 12) return
      cameAndWent.push(await add('A before all'), await add('N1'))
      await it.app.as('alice').delete(`/api/invoices/${cameAndWent[0]}`)
    })
    const kept = walked.map(({ id }) => id).filter((id) => ids.includes(id))
    expect([kept.length, new Set(kept)]).toEqual([ids.length, new Set(ids)])
    for (const id of cameAndWent) await it.app.as('alice').delete(`/api/invoices/${id}`)
  })

  test('a page whose last row is deleted goes on where it was', async () => {
    const gone = await add('N9')
    const { body } = await get('/api/invoices?limit=1&sort=-number')
    expect(body.data[0]!.id).toBe(gone)
    await it.app.as('alice').delete(`/api/invoices/${gone}`)
    const rest = await get(`/api/invoices?limit=100&sort=-number&after=${body.next}`)
    expect(rest.body.data).toHaveLength(ids.length)
  })

  test('another’s rows are on no page, even with the cursor of who sees them', async () => {
    const { body } = await get('/api/invoices?limit=3')
    expect((await get(`/api/invoices?limit=3&after=${body.next}`, 'bob')).body).toEqual({ data: [], next: null })
  })

  test('a cursor belongs to its list, order and filter', async () => {
    const { body } = await get('/api/invoices?limit=1&sort=dueAt')
    for (const other of ['sort=-dueAt', 'sort=rank', 'sort=dueAt&status=draft', '', 'sort=dueAt,rank']) {
      const refused = await it.app.recording(() => get(`/api/invoices?limit=1&${other}&after=${body.next}`))
      expect(refused.answer).toMatchObject({ status: 400, body: { errors: [{ path: 'query.after' }] } })
      refused.nothing()
    }
    expect((await get(`/api/invoices?limit=9&sort=dueAt&after=${body.next}`)).status).toBe(200)
    expect((await get(`/api/invoices/${ids[0]}/payments?after=${body.next}`)).status).toBe(400)
  })

  test('no forged cursor makes a fault of ours, or shows what it holds', async () => {
    const { body } = await get('/api/invoices?limit=1&sort=dueAt')
    const [binding] = JSON.parse(Buffer.from(body.next!, 'base64url').toString()) as [string]
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(null, 'infinity', 'NaN', 'epoch', 'MARKER', '9223372036854775808', '', "'", '\0', '0x1'),
      fc.integer(),
      fc.jsonValue(),
    )
    const toCursor = (end: unknown[]) => Buffer.from(JSON.stringify([binding, ...end])).toString('base64url')
    const forged = fc.oneof(
      fc.tuple(fc.constantFrom(null, 'infinity', 'epoch', '2026-01-01'), fc.constantFrom('1', '0', '-7')).map(toCursor),
      fc.array(value, { maxLength: 4 }).map(toCursor),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    )
    const statuses = new Set<number>()
    const property = fc.asyncProperty(forged, async (cursor) => {
      const { status, text } = await get(`/api/invoices?limit=1&sort=dueAt&after=${encodeURIComponent(cursor)}`)
      expect([status < 500, status >= 400 && text.includes('MARKER')]).toEqual([true, false])
      statuses.add(status)
    })
    // One that fits goes along: without it nothing would show that the others are refused for what they hold.
    const fitting = Buffer.from(JSON.stringify([binding, 'epoch', '1'])).toString('base64url')
    await fc.assert(property, { numRuns: 300, examples: [[fitting]] })
    expect([...statuses].sort()).toEqual([200, 400])
  })

  test.each(['0', '101', '-1', '1.5', '1e1', 'x', '', '99999999999999999999', '%00', '１'])(
    'a limit of "%s" is refused',
    async (limit) => {
      const refused = await it.app.recording(() => get(`/api/invoices?limit=${limit}`))
      expect(refused.answer.status).toBe(400)
      refused.nothing()
    },
  )

  test('without a limit there is one', async () => {
    const own = await it.app.as('lisa').post<{ id: string }>('/api/customers', { name: 'Own' })
    for (let n = 0; n < 21; n += 1) await add(`L${n}`, undefined, undefined, 'lisa', own.body.id)
    const { body } = await get('/api/plain', 'lisa')
    expect([body.data.length, body.data[0]!.number, typeof body.next]).toEqual([20, 'L20', 'string'])
  })

  test('filters are an allow-list of equalities, and a value that is none is refused', async () => {
    expect((await get('/api/invoices?number=N1&limit=100')).body.data.every(({ number }) => number === 'N1')).toBe(true)
    expect((await get('/api/invoices?dueAt=2026-01-01T00:00:00.001Z')).body.data).toHaveLength(4)
    for (const bad of [
      'status=MARKER',
      'rank=x',
      'rank=99999999999',
      'customerId=9223372036854775808',
      'dueAt=x',
      'dueAt=2026-13-45',
      'ownerId=bob',
      'nothing=1',
      'status=draft&status=paid',
      'number=%00',
      'total=1e5',
      'sort=total',
      'sort=dueAt,dueAt',
      'sort=',
      'sort=id,rank,dueAt,number',
    ]) {
      const { status, text } = await get(`/api/invoices?${bad}`)
      expect([bad, status, text.includes('MARKER')]).toEqual([bad, 400, false])
    }
    expect((await get('/api/plain?sort=id')).status).toBe(400)
  })
})

describe('related rows', () => {
  const it = shop(routes)
  let at = ''
  beforeAll(async () => {
    const alice = it.app.as('alice')
    const { body } = await alice.post<{ id: string }>('/api/customers', { name: 'ACME', pin: 'MARKER' })
    const input = { customerId: body.id, number: 'A', total: '1' }
    at = (await alice.post('/api/invoices', input)).headers.get('location')!
    for (let n = 0; n < 4; n += 1) await alice.post('/api/invoices', input)
  })

  test('come in the same statement, without their secrets', async () => {
    const customer = { id: '1', name: 'ACME', ownerId: 'alice' }
    for (const path of ['/api/with?limit=3', at]) {
      const happened = await it.app.recording(() => it.app.as('alice').get(path))
      expect([happened.statements.length, happened.roundTrips]).toEqual([1, 1])
      expect(happened.answer.text).not.toContain('MARKER')
      const body = happened.answer.body as { data?: { customer: object }[] }
      for (const found of body.data ?? [body]) expect(found).toMatchObject({ customer })
    }
  })

  test('a function gets the same page, with instants as dates', async () => {
    const [byOperation, byFunction] = [
      await it.app.as('alice').get('/api/with?limit=2'),
      await it.app.as('alice').put('/api/invoices?limit=2'),
    ]
    expect(byFunction.body).toEqual(byOperation.body)
  })

  test('hang on the row of the path: listed with it, made under it, absent with it', async () => {
    const alice = it.app.as('alice')
    const made = await it.app.recording(() =>
      alice.post<{ id: string }>(`${at}/payments`, { amount: '5', invoiceId: '2' }),
    )
    expect(made.answer).toMatchObject({ status: 201, body: { invoiceId: at.split('/').at(-1) } })
    expect(made.roundTrips).toBe(1)
    const listed = await it.app.recording(() => alice.get<PageBody>(`${at}/payments`))
    expect(listed.answer.body.data).toHaveLength(1)
    expect(listed.roundTrips).toBe(1)
    expect((await alice.get<PageBody>('/api/invoices/2/payments')).body.data).toHaveLength(0)
    const refused = await it.app.recording(() => it.app.as('bob').post(`${at}/payments`, { amount: '5' }))
    expect(refused.answer.status).toBe(404)
    refused.nothingWritten()
    expect((await it.app.as('bob').get(`${at}/payments`)).status).toBe(404)
  })
})

/** The same order the other way round. */
function turned(sort: string): string {
  return sort
    .split(',')
    .map((key) => (key.startsWith('-') ? key.slice(1) : `-${key}`))
    .join(',')
}
