import { afterEach, describe, expect, test } from 'vitest'
import { CustomerInput, customers, shop, type ShopEndpoint } from '../../test/shop.js'
import { listQuery } from '../database/paved/list-query.js'
import { create, page, remove } from '../operations.js'
import type { Principal } from '../principal.js'

let called = 0
afterEach(() => void (called = 0))
const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': {
    GET: endpoint({ query: listQuery(customers) }, page(customers)),
    POST: endpoint({ body: CustomerInput }, create(customers)),
  },
  '/api/customers/[id]': { DELETE: endpoint({ owns: customers }, remove()) },
  '/api/function': { POST: endpoint({ body: CustomerInput }, () => void (called += 1)) },
  '/api/admin': { GET: endpoint({ auth: { role: 'admin' } }, () => ({ called: (called += 1) })) },
  '/api/scope': { GET: endpoint({ auth: { scope: 'invoices:write' } }, () => ({ called: (called += 1) })) },
  '/api/public': { GET: endpoint({ public: 'a price list' }, ({ principal }) => ({ who: principal?.id ?? null })) },
})

const withRole = (...roles: string[]): Principal => ({ id: 'alice', roles, claims: {} })
const withClaims = (claims: Record<string, unknown>): Principal => ({ id: 'alice', roles: [], claims })

describe('who is nobody', () => {
  const it = shop(routes)

  test.each([
    ['GET', '/api/customers'],
    ['POST', '/api/customers'],
    ['DELETE', '/api/customers/1'],
    ['POST', '/api/function'],
    ['GET', '/api/admin'],
  ])('is refused at %s %s with 401 and how to sign in, before anything runs', async (method, path) => {
    const body = method === 'POST' ? { body: '{"name":"x"}' } : {}
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...body,
    })
    const refused = await it.app.recording(() => it.app.nobody.send(request))
    expect(refused.answer).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', title: 'Sign in to do this' },
    })
    expect(refused.answer.headers.get('www-authenticate')).toBe('Bearer')
    refused.nothing()
    expect(called).toBe(0)
  })

  test('is told of a missing sign-in before anything is said about the input', async () => {
    const { status, text } = await it.app.nobody.post('/api/customers', { name: 1 })
    expect([status, text.includes('errors')]).toEqual([401, false])
  })

  test('gets in where the endpoint is public, and so does everyone else', async () => {
    expect((await it.app.nobody.get('/api/public')).body).toEqual({ who: null })
    expect((await it.app.as('alice').get('/api/public')).body).toEqual({ who: 'alice' })
  })
})

describe('who is signed in but may not', () => {
  const it = shop(routes)

  test.each<[string, Principal]>([
    ['no role', withRole()],
    ['another role', withRole('user')],
    ['a role that only begins like it', withRole('admin2', 'ADMIN', 'adm')],
  ])('is refused with 403 with %s', async (_, principal) => {
    const refused = await it.app.recording(() => it.app.as(principal).get('/api/admin'))
    expect(refused.answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    refused.nothing()
    expect(called).toBe(0)
  })

  test('passes with the role', async () => {
    expect((await it.app.as(withRole('user', 'admin')).get('/api/admin')).status).toBe(200)
  })

  test.each<[number, Record<string, unknown>]>([
    [200, { scope: 'invoices:read invoices:write' }],
    [200, { scp: ['invoices:write'] }],
    [200, { scp: 'invoices:write' }],
    [403, {}],
    [403, { scope: 'invoices:write2 xinvoices:write' }],
    [403, { scope: ['Invoices:Write'] }],
    [403, { scope: { 'invoices:write': true } }],
  ])('answers %i to the claims %j where a scope is asked for', async (status, claims) => {
    const happened = await it.app.recording(() => it.app.as(withClaims(claims)).get('/api/scope'))
    expect(happened.answer.status).toBe(status)
    if (status === 403) happened.nothing()
  })
})

describe('an adapter that fails', () => {
  const failing = shop(routes, {
    backend: {
      auth: (request) => {
        if (request.headers.has('x-empty')) return { id: '', roles: [], claims: {} }
        throw new Error('the key server MARKER is down')
      },
    },
  })

  test.each<[string, Record<string, string>]>([
    ['throws', {}],
    ['answers an empty id, which would own the rows of nobody', { 'x-empty': '1' }],
  ])('and %s is our fault, and nothing runs', async (_, headers) => {
    const happened = await failing.app.recording(() =>
      failing.app.fetch(new Request('http://localhost/api/customers', { headers })),
    )
    expect(happened.answer.status).toBe(500)
    expect(await happened.answer.text()).not.toContain('MARKER')
    happened.nothing()
    expect(happened.events.some((event) => event.type === 'request.failed')).toBe(true)
  })
})
