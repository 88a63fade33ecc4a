import { describe, expect, test } from 'vitest'
import { CustomerInput, customers, invoices, shop, type ShopEndpoint } from '../test/shop.js'
import { createBackend } from './backend.js'
import { database } from './database/index.js'
import { create, remove } from './operations.js'
import { createApp } from './server/create-app.js'
import { handlerFacts } from './server/handler-facts.js'
import { refuseUnguarded } from './server/refuse-unguarded.js'

const APP = 'https://app.example'
const ASKS = { origin: APP, 'access-control-request-method': 'DELETE' }

let ran = 0
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/open': { GET: endpoint({ public: 'a test' }, () => ({ ran: (ran += 1) })) },
  '/api/frozen': { GET: endpoint({ public: 'a test' }, () => Response.redirect('http://localhost/', 302)) },
  '/api/mine': {
    GET: endpoint({ public: 'a test' }, () => {
      const headers = { vary: 'Accept', 'access-control-expose-headers': 'x-mine' }
      return new Response(null, { headers })
    }),
  },
})
const CORS = { origins: [APP], credentials: true }
const trusting = shop(routes, { backend: { cors: CORS } })
const reading = shop(routes, { backend: { cors: { origins: [APP] } } })

const call = (method: string, headers: Record<string, string>, path = 'open') => {
  const { GET, POST } = { POST: undefined, ...routes(trusting.backend.endpoint)[`/api/${path}` as '/api/open'] }
  return (POST ?? GET)(new Request(`http://localhost/api/${path}`, { method, headers }))
}

describe('an endpoint under a host that knows nothing of CORS', () => {
  test('says itself who may read its answer', async () => {
    const { headers } = await call('GET', { origin: APP })
    expect([headers.get('access-control-allow-origin'), headers.get('access-control-allow-credentials')]).toEqual([
      APP,
      'true',
    ])
    for (const origin of ['https://evil.example', 'null']) {
      const other = await call('GET', { origin })
      expect([other.headers.get('access-control-allow-origin'), other.headers.get('vary')]).toEqual([null, 'origin'])
    }
  })

  test('says it with a refusal and with headers that were frozen', async () => {
    for (const [path, status] of [
      ['customers', 401],
      ['frozen', 302],
    ] as const) {
      const answer = await call('POST', { origin: APP }, path)
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, APP])
    }
  })

  test('leaves what the function said of its own', async () => {
    const { headers } = await call('GET', { origin: APP }, 'mine')
    expect(headers.get('vary')).toBe('Accept, origin')
    expect(headers.get('access-control-expose-headers')).toMatch(/^x-mine, x-request-id, /)
  })
})

describe('the same under the server', () => {
  test('is said once', async () => {
    const { headers } = await trusting.app.nobody.get('/api/mine', { headers: { origin: APP } })
    expect(headers.get('vary')).toBe('Accept, origin')
    expect(headers.get('access-control-allow-origin')).toBe(APP)
    expect(headers.get('access-control-expose-headers')?.match(/etag/g)).toHaveLength(1)
  })

  test('a preflight asks nobody who is calling, and touches nothing', async () => {
    const asked = await trusting.app.recording(() =>
      trusting.app.nobody.send(new Request('http://localhost/api/customers', { method: 'OPTIONS', headers: ASKS })),
    )
    asked.nothing()
    expect([asked.answer.status, asked.answer.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'OPTIONS, POST',
    ])
  })
})

const write = (at: typeof trusting, origin: string) =>
  at.app.recording(() => {
    const headers = { cookie: 'session=1', 'sec-fetch-site': 'cross-site', origin }
    return at.app.as('alice').post('/api/customers', { name: 'x' }, { headers })
  })

describe('a write with cookies from a page of another origin', () => {
  test('is done where that origin is listed with credentials', async () => {
    expect((await write(trusting, APP)).answer.status).toBe(201)
  })

  test.each<[string, () => typeof trusting, string]>([
    ['is listed without them', () => reading, APP],
    ['is not listed', () => trusting, 'https://evil.example'],
    ['is null', () => trusting, 'null'],
  ])('is refused, and nothing is written, where that origin %s', async (_, at, origin) => {
    const refused = await write(at(), origin)
    expect(refused.answer).toMatchObject({ status: 403, body: { code: 'cross-site' } })
    refused.nothing()
  })

  test('is refused in words that the page can read', async () => {
    const refused = await write(reading, APP)
    expect(refused.answer.headers.get('access-control-allow-origin')).toBe(APP)
  })
})

describe('backend.preflight', () => {
  const db = database({ schema: { customers, invoices }, directory: 'memory://' })
  const backendWith = (methods?: readonly string[]) =>
    createBackend({ database: db, auth: () => null, cors: { ...CORS, ...(methods ? { methods } : {}) } })
  const ask = (headers: Record<string, string>, backend = backendWith()) =>
    backend.preflight(new Request('http://localhost/api/x', { method: 'OPTIONS', headers }))

  test('answers what an endpoint can be, or the methods that were given', async () => {
    const answer = await ask(ASKS)
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      vary: 'origin',
      'x-content-type-options': 'nosniff',
    })
    const narrow = await ask(ASKS, backendWith(['GET', 'POST']))
    expect(narrow.headers.get('access-control-allow-methods')).toBe('GET, POST')
    expect(narrow.headers.get('allow')).toBe('GET, POST, OPTIONS')
  })

  test.each([
    ['of an origin that is not listed', { ...ASKS, origin: 'https://evil.example' }],
    ['without an origin', { 'access-control-request-method': 'DELETE' }],
    ['that asks for nothing', {}],
  ])('is an ordinary OPTIONS to a request %s', async (_, headers) => {
    const answer = await ask(headers)
    expect(answer.status).toBe(204)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  })

  test('may be exported beside endpoints, also where the path has params, and the server knows the methods better', async () => {
    const backend = backendWith()
    const module = { DELETE: backend.endpoint({ owns: invoices }, remove()), OPTIONS: backend.preflight }
    const served = [{ path: '/api/invoices/[id]', module }]
    expect(() => refuseUnguarded(served)).not.toThrow()
    expect(handlerFacts(backend.preflight)).toMatchObject({ kind: 'preflight' })
    const send = createApp({ backend, routes: served }).fetch(
      new Request('http://localhost/api/invoices/7', { method: 'OPTIONS', headers: ASKS }),
    )
    expect((await send).headers.get('access-control-allow-methods')).toBe('DELETE, OPTIONS')
  })
})
