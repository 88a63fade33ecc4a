import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CustomerInput, customers, InvoiceInput, invoices, type Shop, shop, type ShopEndpoint } from '../test/shop.js'
import { listQuery } from './database/paved/list-query.js'
import { create, page, update } from './operations.js'
import { patchOf } from './patch-of.js'

let called = 0
const routes = (endpoint: ShopEndpoint) => ({
  '/api/function': { POST: endpoint({ body: InvoiceInput }, () => void (called += 1)) },
  '/api/customers': {
    GET: endpoint({ query: listQuery(customers, { sort: ['name'], filter: ['email'] }) }, page(customers)),
    POST: endpoint({ body: CustomerInput }, create(customers)),
  },
  '/api/invoices': { POST: endpoint({ body: InvoiceInput }, create(invoices)) },
  '/api/invoices/[id]': { PATCH: endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update()) },
})
const it = shop(routes)
const onPostgres = shop(routes, { on: 'postgres' })

function raw(path: string, body: string, method = 'POST', at: Shop = it) {
  const headers = { 'content-type': 'application/json' }
  const init: RequestInit = { method, headers, body }
  return at.app.as('mallory').send(new Request(`http://localhost${path}`, init))
}

/** Text of every kind, marked so that it can be found again in an answer. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => `MARKER${text}`),
  fc.constantFrom(
    'MARKER\0',
    'MARKER\ud800',
    "MARKER'; drop table customers; --",
    '<script>MARKER</script>',
    '{{MARKER}}',
    '${MARKER}',
  ),
)
const hostileValue = fc.oneof(hostileText, fc.double(), fc.bigInt().map(String), fc.constant(null), fc.jsonValue())
const fields = {
  customerId: hostileValue,
  number: hostileValue,
  total: hostileValue,
  dueAt: hostileValue,
  rank: hostileValue,
  name: hostileValue,
  email: hostileValue,
}
/** Names that JavaScript gives a meaning are refused before any schema looks, so a body that shall get further has none. */
const nearly = fc.record(fields, { requiredKeys: [] })
/** Texts that PostgreSQL can hold, where it wants numbers: nothing before it refuses them. */
const storable = fc.string({ unit: 'grapheme' }).map((text) => `MARKER${text.replaceAll('\0', '')}`)
const onlyTexts = fc.record({ customerId: storable, number: storable, total: storable, name: storable })
const nearlyReserved = fc.record(
  { ...fields, ['__proto__']: hostileValue, constructor: hostileValue },
  { requiredKeys: [] },
)
const hostileBody = fc.oneof(
  fc.oneof(nearly, nearlyReserved).map((value) => JSON.stringify(value)),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 1, max: 5000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 1, max: 5000 }).map((depth) => `{"name":${'['.repeat(depth)}${']'.repeat(depth)}}`),
)

/** No fault of ours, and a refusal says nothing of what it refuses. */
function expectHarmless({ status, text }: { readonly status: number; readonly text: string }) {
  expect(status).toBeLessThan(500)
  expect(status >= 400 && text.includes('MARKER')).toBe(false)
}

describe('2,000 bodies that mean no good', () => {
  test('reach no function unless they are valid, make no fault of ours and are not echoed', async () => {
    const refused = { count: 0 }
    const property = fc.asyncProperty(hostileBody, async (body) => {
      called = 0
      const answer = await raw('/api/function', body)
      expectHarmless(answer)
      expect(called).toBe(answer.status === 204 ? 1 : 0)
      if (answer.status === 400) refused.count += 1
    })
    await fc.assert(property, { numRuns: 2000 })
    expect(refused.count).toBeGreaterThan(1900)
  })

  test.each([
    ['embedded', it],
    ['postgres', onPostgres],
  ])('make no fault of ours where it is the database that refuses them (%s)', async (_, at) => {
    const statuses = new Set<number>()
    const paths = fc.constantFrom('/api/customers', '/api/invoices', '/api/invoices/1')
    const property = fc.asyncProperty(paths, fc.oneof(nearly, onlyTexts), async (path, body) => {
      const answer = await raw(path, JSON.stringify(body), path.endsWith('1') ? 'PATCH' : 'POST', at)
      expectHarmless(answer)
      statuses.add(answer.status)
    })
    await fc.assert(property, { numRuns: 600 })
    // Some of them got as far as PostgreSQL, and some through it.
    expect([...statuses]).toEqual(expect.arrayContaining([201, 400, 422]))
  })
})

test('hostile query strings make no fault of ours and are not echoed', async () => {
  const name = fc.oneof(fc.constantFrom('limit', 'after', 'sort', 'email', '__proto__', 'MARKER'), hostileText)
  const pairs = fc.array(fc.tuple(name, hostileText), { minLength: 1, maxLength: 4 })
  const statuses = new Set<number>()
  const property = fc.asyncProperty(pairs, async (query) => {
    // URLSearchParams writes lone surrogates as U+FFFD, as a browser would.
    const answer = await it.app.as('mallory').get(`/api/customers?${String(new URLSearchParams(query))}`)
    expectHarmless(answer)
    statuses.add(answer.status)
  })
  await fc.assert(property, { numRuns: 500 })
  expect([...statuses].sort()).toEqual([200, 400])
})

test('what is not offered is 404 or 405, and says which methods are', async () => {
  expect((await it.app.as('alice').get('/api/nothing')).status).toBe(404)
  const refused = await it.app.as('alice').delete('/api/customers')
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST'])
})

test('each request is told at both ends, under the id that its answer carries', async () => {
  const { events, answer } = await it.app.recording(() =>
    it.app.as('alice').get('/api/customers?limit=0&secret=MARKER'),
  )
  const requestId = answer.headers.get('x-request-id')
  expect(events.map(({ type }) => type)).toEqual(['request.received', 'request.refused', 'request.answered'])
  expect(events.every((event) => 'requestId' in event && event.requestId === requestId)).toBe(true)
  expect(answer.body).toMatchObject({ requestId, type: 'urn:postern:problem:invalid' })
  // A query string may hold what nobody should read in a log.
  expect(JSON.stringify(events)).not.toContain('MARKER')
})
