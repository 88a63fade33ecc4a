import { describe, expect, test } from 'vitest'
import { createTestDatabase } from '../../../../test/support/postgres.js'
import { CustomerInput, customers, schema, shop, type ShopEndpoint } from '../../test/shop.js'
import { createBackend } from '../backend.js'
import { database } from '../database/database.js'
import { applyMigrations } from '../database/migrations.js'
import { ENDPOINT_FACTS } from '../handler.js'
import { create, row } from '../operations.js'
import { memoryStore } from '../rate-limit/memory-store.js'
import { postgresStore } from '../rate-limit/postgres-store.js'
import { serve } from '../server/index.js'

let now = 0
const clocked = () => memoryStore({ clock: () => now })
let called = 0
const facts = (handler: unknown) => (handler as Record<symbol, unknown>)[ENDPOINT_FACTS]
const two = { limit: 2, per: 'minute' } as const
const failing = { take: () => Promise.reject(new Error('the store is away')) }

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': {
    POST: endpoint({ body: CustomerInput, rateLimit: { ...two, store: clocked() } }, create(customers)),
  },
  '/api/customers/[id]': { GET: endpoint({ sees: customers, rateLimit: two }, row()) },
  '/api/greeting': { GET: endpoint({ public: 'a greeting', rateLimit: two }, () => ({ called: (called += 1) })) },
  '/api/admin': { GET: endpoint({ auth: { role: 'admin' }, rateLimit: two }, () => 1) },
  '/api/by-host': {
    GET: endpoint({ rateLimit: { ...two, key: ({ request }) => request.headers.get('x-tenant') ?? '' } }, () => 1),
  },
  '/api/by-nothing': { GET: endpoint({ rateLimit: { ...two, key: () => undefined as never } }, () => (called += 1)) },
  '/api/failing': { GET: endpoint({ rateLimit: { ...two, store: failing } }, () => (called += 1)) },
  '/api/own': { GET: endpoint({ rateLimit: two }, () => fetchLike()) },
  ...shared(endpoint),
})

function shared(endpoint: ShopEndpoint) {
  const rateLimit = { ...two, name: 'shared', store: memoryStore() }
  return {
    '/api/shared/one': { GET: endpoint({ rateLimit }, () => 1) },
    '/api/shared/two': { GET: endpoint({ rateLimit }, () => 2) },
  }
}

/** Headers that can't be changed, as those of what `fetch()` gives. */
function fetchLike(): Response {
  return Response.redirect('http://localhost/elsewhere', 302)
}

const it = shop(routes)
const behindOne = shop((endpoint) => ({ '/api/greeting': routes(endpoint)['/api/greeting'] }), {
  backend: { trustProxy: 1 },
})

test('who has used it up is told when to come back, and nothing happens', async () => {
  const post = () => it.app.as('alice').post('/api/customers', { name: 'x' })
  const passed = [await post(), await post()]
  expect(
    passed.map(({ status, headers }) => [status, headers.get('ratelimit'), headers.get('ratelimit-policy')]),
  ).toEqual([
    [201, '"default";r=1;t=30', '"default";q=2;w=60'],
    [201, '"default";r=0;t=60', '"default";q=2;w=60'],
  ])
  const refused = await it.app.recording(post)
  refused.nothing()
  const { status, headers, body } = refused.answer
  expect([status, body]).toEqual([429, expect.objectContaining({ code: 'rate-limited' })])
  expect(['retry-after', 'ratelimit', 'ratelimit-policy'].map((name) => headers.get(name))).toEqual([
    '30',
    '"default";r=0;t=60',
    '"default";q=2;w=60',
  ])
  // A body that is not valid is not even looked at.
  expect((await it.app.as('alice').post('/api/customers', { name: '' })).status).toBe(429)
  now += 29_900
  expect((await post()).headers.get('retry-after')).toBe('1')
  now += 100
  expect((await post()).status).toBe(201)
})

test('each principal has their own, and every answer says what is left: 400 and 404 too', async () => {
  const post = (who: string, name = 'x') => it.app.as(who).post('/api/customers', { name })
  for (const who of ['bob', 'bob', 'bob']) await post(who)
  expect([(await post('bob')).status, (await post('carol')).status]).toEqual([429, 201])
  const invalid = await post('carol', '')
  expect([invalid.status, invalid.headers.get('ratelimit')]).toEqual([
    400,
    expect.stringMatching(/^"default";r=0;t=\d+$/),
  ])
  const absent = await it.app.as('carol').get('/api/customers/999')
  expect([absent.status, absent.headers.get('ratelimit')]).toEqual([
    404,
    expect.stringMatching(/^"default";r=1;t=\d+$/),
  ])
  const own = await it.app.as('carol').get('/api/own')
  expect([own.status, own.headers.get('ratelimit')]).toEqual([302, expect.stringMatching(/^"default";r=1/)])
})

test('another id is no fresh limit', async () => {
  const statuses = []
  for (const id of ['1', '2', '3', 'customers'])
    statuses.push((await it.app.as('dave').get(`/api/customers/${id}`)).status)
  expect(statuses).toEqual([404, 404, 429, 429])
})

test('who may not call at all uses nothing up', async () => {
  for (const _ of [1, 2, 3]) expect((await it.app.as('erin').get('/api/admin')).status).toBe(403)
  for (const _ of [1, 2, 3]) expect((await it.app.nobody.get('/api/admin')).status).toBe(401)
  const admin = { id: 'erin', roles: ['admin'], claims: {} }
  expect((await it.app.as(admin).get('/api/admin')).status).toBe(200)
})

test('a key of one’s own says who shares a limit, and has to say it', async () => {
  const get = (who: string, tenant: string) => it.app.as(who).get('/api/by-host', { headers: { 'x-tenant': tenant } })
  expect([(await get('a', 'x')).status, (await get('b', 'x')).status, (await get('c', 'x')).status]).toEqual([
    200, 200, 429,
  ])
  expect((await get('c', 'y')).status).toBe(200)
  const refused = await it.app.recording(() => it.app.as('a').get('/api/by-nothing'))
  refused.nothing()
  expect(refused.answer.status).toBe(500)
})

test('endpoints of one name share their limit', async () => {
  const statuses = []
  for (const path of ['one', 'two', 'one', 'two'])
    statuses.push((await it.app.as('f').get(`/api/shared/${path}`)).status)
  expect(statuses).toEqual([200, 200, 429, 429])
})

test('a limit that cannot be counted lets nobody through, and the log says why', async () => {
  const refused = await it.app.recording(() => it.app.as('a').get('/api/failing'))
  refused.nothing()
  expect(refused.answer.status).toBe(500)
  const error = expect.objectContaining({ message: 'the store is away' })
  expect(refused.events).toContainEqual(expect.objectContaining({ type: 'request.failed', error }))
})

const greet = (headers: Record<string, string>) => it.app.nobody.get('/api/greeting', { headers })

describe('nobody', () => {
  test('shares one limit under a host that tells no address, whatever they claim', async () => {
    const claims = ['x-forwarded-for', 'x-postern-client', 'x-real-ip', 'forwarded']
    const statuses = []
    for (const name of claims) statuses.push((await greet({ [name]: `203.0.113.${statuses.length}` })).status)
    expect(statuses).toEqual([200, 200, 429, 429])
  })

  test('is known by what the last proxy saw, not by what they wrote before it', async () => {
    const get = (text: string) => behindOne.app.nobody.get('/api/greeting', { headers: { 'x-forwarded-for': text } })
    const statuses = []
    for (const made of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) statuses.push((await get(`${made}, 203.0.113.7`)).status)
    statuses.push((await get('203.0.113.7, 203.0.113.8')).status)
    expect(statuses).toEqual([200, 200, 429, 200])
    expect(
      (await behindOne.app.as('alice').get('/api/greeting', { headers: { 'x-forwarded-for': '203.0.113.7' } })).status,
    ).toBe(200)
  })

  test('is known by the other end of the socket under our own server, and can’t say who they are', async () => {
    const backend = createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth: () => null })
    const GET = backend.endpoint({ public: 'a greeting', rateLimit: two }, () => 1)
    const server = await serve({ backend, routes: [{ path: '/', module: { GET } }], port: 0, logs: false })
    const statuses = []
    for (const n of [1, 2, 3]) {
      const headers = { 'x-postern-client': `203.0.113.${n}`, 'x-forwarded-for': `203.0.113.${n}` }
      statuses.push((await fetch(server.url, { headers })).status)
    }
    await server.close()
    expect(statuses).toEqual([200, 200, 429])
  })
})

test('the inventory says it', () => {
  const { endpoint } = createBackend({ database: database({ schema, directory: 'memory://' }), auth: () => null })
  expect(facts(endpoint({ rateLimit: two, idempotent: true }, () => 1))).toMatchObject({
    rateLimit: { limit: 2, per: 'minute' },
    idempotent: true,
  })
  expect(facts(endpoint({}, () => 1))).toMatchObject({ rateLimit: null, idempotent: false })
})

describe('counted in PostgreSQL', () => {
  const rate = { limit: 10, per: 'day' } as const
  const alice = { id: 'alice', roles: [], claims: {} }

  test('two backends together let exactly as many through as the limit says, and a GET may be counted', async () => {
    const place = await createTestDatabase()
    const backends = [1, 2].map(() => {
      const db = database({ schema: {}, url: place.url, migrationUrl: place.migrationUrl, poolWaitMs: 30_000 })
      const { endpoint } = createBackend({ database: db, auth: () => alice })
      return { db, GET: endpoint({ rateLimit: { ...rate, store: postgresStore(db) } }, () => (called += 1)) }
    })
    await applyMigrations(backends[0]!.db, '/nowhere/at/all')
    const before = called
    const ask = (n: number) => backends[n % 2]!.GET(new Request('http://localhost/api/things'))
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => ask(n)))
    const statuses = answers.map(({ status }) => status)
    expect([
      statuses.filter((status) => status === 200).length,
      statuses.filter((status) => status === 429).length,
    ]).toEqual([10, 50])
    expect(called - before).toBe(10)
    for (const { db } of backends) await db.close()
    await place.drop()
  })

  test('a store that can’t be reached refuses with 503, and the function is not called', async () => {
    const away = database({ schema: {}, url: 'postgres://x:x@127.0.0.1:1/x', poolWaitMs: 2_000 })
    const here = database({ schema: {}, directory: 'memory://' })
    const { endpoint } = createBackend({ database: here, auth: () => alice })
    const before = called
    const GET = endpoint({ rateLimit: { ...rate, store: postgresStore(away) } }, () => (called += 1))
    const answer = await GET(new Request('http://localhost/'))
    expect([answer.status, answer.headers.get('retry-after'), called - before]).toEqual([503, '1', 0])
    await away.close()
    await here.close()
  })
})
