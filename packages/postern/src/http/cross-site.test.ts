import { describe, expect, test } from 'vitest'
import { CustomerInput, customers, shop, type ShopEndpoint } from '../../test/shop.js'
import { create } from '../operations.js'
import { isSafeMethod, refuseCrossSite } from './cross-site.js'

const OWN = 'http://app.example'
const FRIEND = 'https://www.example'

interface Sent {
  readonly method?: string
  readonly site?: string
  readonly origin?: string
  readonly cookie?: boolean
  readonly authorization?: boolean
  readonly proto?: string
}

function request({ method = 'POST', site, origin, cookie = true, authorization, proto }: Sent): Request {
  return new Request(`${OWN}/api/x`, {
    method,
    headers: {
      ...(site ? { 'sec-fetch-site': site } : {}),
      ...(origin ? { origin } : {}),
      ...(cookie ? { cookie: 'session=1' } : {}),
      ...(authorization ? { authorization: 'Bearer 1' } : {}),
      ...(proto ? { 'x-forwarded-proto': proto } : {}),
    },
  })
}

const isRefused = (sent: Sent, trustProxy = 0) => {
  try {
    refuseCrossSite(request(sent), { origins: [FRIEND], trustProxy })
    return false
  } catch (error) {
    expect(error).toMatchObject({ code: 'cross-site' })
    return true
  }
}

const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'nonsense'] as const
const ORIGINS = [undefined, OWN, FRIEND, 'https://evil.example', 'null', 'https://app.example'] as const

const withPassword = (authorization: string) =>
  new Request(`${OWN}/api/x`, {
    method: 'POST',
    headers: { authorization, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
  })

const judge = (authorization: string) => () =>
  refuseCrossSite(withPassword(authorization), { origins: [], trustProxy: 0 })

test('a password that the browser repeats by itself proves no more than a cookie', () => {
  for (const scheme of ['Basic eDp5', 'basic eDp5', 'Digest x', 'Negotiate x', 'NTLM x'])
    expect(judge(scheme)).toThrow('another site')
  expect(judge('Bearer x')()).toBeUndefined()
})

/** Said a second time, as a table: rows are `Sec-Fetch-Site`, columns `Origin`; x is refused. */
const EXPECTED: Record<string, string> = {
  //              none own friend evil null https
  undefined: '     .    .    .     x    x     x',
  'same-origin': ' .    .    .     .    .     .',
  'same-site': '   x    .    .     x    x     x',
  'cross-site': '  x    .    .     x    x     x',
  none: '          .    .    .     .    .     .',
  nonsense: '      x    .    .     x    x     x',
}

describe('a write with a cookie and nothing else', () => {
  for (const site of SITES) {
    const marks = EXPECTED[String(site)]!.trim().split(/\s+/)
    ORIGINS.forEach((origin, index) => {
      const refused = marks[index] === 'x'
      test(`${refused ? 'is refused' : 'passes'} with Sec-Fetch-Site ${site} and Origin ${origin}`, () => {
        expect(isRefused({ ...(site ? { site } : {}), ...(origin ? { origin } : {}) })).toBe(refused)
      })
    })
  }

  test.each(['PUT', 'PATCH', 'DELETE', 'POST'])('%s is a write', (method) => {
    expect(isRefused({ method, site: 'cross-site' })).toBe(true)
  })

  test.each(['GET', 'HEAD', 'OPTIONS'])('%s is none', (method) => {
    expect([isSafeMethod(method), isRefused({ method, site: 'cross-site' })]).toEqual([true, false])
  })
})

test('what no browser sends by itself can’t be forged by another site', () => {
  expect(isRefused({ site: 'cross-site', authorization: true })).toBe(false)
  expect(isRefused({ site: 'cross-site', cookie: false })).toBe(false)
})

test('behind a balancer that ends TLS, the origin is compared with the protocol that the client spoke', () => {
  const sent = { site: 'same-site', origin: 'https://app.example', proto: 'https' }
  expect(isRefused(sent, 1)).toBe(false)
  expect(isRefused(sent, 0)).toBe(true)
  expect(isRefused({ ...sent, proto: 'https, http' }, 1)).toBe(true)
  expect(isRefused({ ...sent, proto: 'https, http' }, 2)).toBe(false)
})

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': { POST: endpoint({ body: CustomerInput }, create(customers)) },
  '/api/contact': { POST: endpoint({ public: 'a contact form', body: CustomerInput }, () => ({ ok: true })) },
})

describe('at an endpoint', () => {
  const it = shop(routes, { backend: { origins: [FRIEND] } })
  const headers = { cookie: 'session=1', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }

  test('a write from another site is refused with 403, and nothing is written', async () => {
    const refused = await it.app.recording(() => it.app.as('alice').post('/api/customers', { name: 'x' }, { headers }))
    expect(refused.answer).toMatchObject({ status: 403, body: { code: 'cross-site' } })
    refused.nothing()
  })

  test('the same write from an allowed origin is done', async () => {
    const allowed = { ...headers, origin: FRIEND }
    expect((await it.app.as('alice').post('/api/customers', { name: 'x' }, { headers: allowed })).status).toBe(201)
  })

  test('nobody can be made to do anything by another site', async () => {
    expect((await it.app.nobody.post('/api/contact', { name: 'x' }, { headers })).status).toBe(200)
  })
})
