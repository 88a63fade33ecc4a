import { z } from 'zod'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CustomerInput, customers, shop, type ShopEndpoint } from '../../test/shop.js'
import { create, page } from '../operations.js'
import { listQuery } from '../database/paved/list-query.js'
import { database } from '../database/index.js'
import { createBackend } from '../backend.js'
import { testBackend } from './test-backend.js'

const routes = (endpoint: ShopEndpoint) => ({
  '/api/customers': {
    GET: endpoint({ query: listQuery(customers) }, page(customers)),
    POST: endpoint({ body: CustomerInput }, create(customers)),
  },
  '/api/me': { GET: endpoint({ auth: { role: 'admin' } }, ({ principal }) => ({ id: principal.id })) },
  '/api/touch': {
    POST: endpoint({ body: z.object({ id: z.string() }) }, async ({ db, body }) => {
      const service = db.asService('a test touches a row')
      const { name } = await service.customers.find(body.id)
      return service.customers.update(body.id, { name })
    }),
  },
})

describe.each(['postgres', 'embedded'] as const)('a backend under test on %s', (on) => {
  const it = shop(routes, { on })

  test('says itself who calls, with roles where they matter', async () => {
    expect((await it.app.nobody.get('/api/me')).status).toBe(401)
    expect((await it.app.as('alice').get('/api/me')).status).toBe(403)
    const admin = { id: 'alice', roles: ['admin'], claims: {} }
    expect(await it.app.as(admin).get('/api/me')).toMatchObject({ status: 200, body: { id: 'alice' } })
  })

  test('holds what one wrote, and shows it to no one else', async () => {
    const made = await it.app.as('alice').post<{ id: string }>('/api/customers', { name: 'ACME' })
    expect([made.status, made.headers.get('location')]).toEqual([201, `/api/customers/${made.body.id}`])
    expect((await it.app.as('alice').get('/api/customers')).body).toMatchObject({ data: [{ name: 'ACME' }] })
    expect((await it.app.as('bob').get('/api/customers')).body).toEqual({ data: [], next: null })
  })

  test('tells what happened: connections, statements, functions, the service, changed rows', async () => {
    const created = await it.app.recording(() =>
      it.app.as('carol').post<{ id: string }>('/api/customers', { name: 'C' }),
    )
    expect(created).toMatchObject({ connections: 1, roundTrips: 1, functions: 0, services: [], changed: ['customers'] })
    expect(created.statements).toHaveLength(1)
    expect(() => created.nothing()).toThrow(/rows changed in customers/)
    expect(() => created.nothing()).toThrow(/statement: insert into "customers"/)

    const { id } = created.answer.body
    const touched = await it.app.recording(() => it.app.as('mallory').post('/api/touch', { id }))
    expect(touched).toMatchObject({ functions: 1, services: ['a test touches a row'], changed: ['customers'] })
    expect(() => touched.nothingWritten()).toThrow(/1 function\(s\) called/)

    const listed = await it.app.recording(() => it.app.as('carol').get('/api/customers'))
    listed.nothingWritten()
    expect(() => listed.nothing()).toThrow(/connection/)
  })

  test('a row that was written with the values it had is a changed row', async () => {
    const { answer } = await it.app.recording(() =>
      it.app.as('dora').post<{ id: string }>('/api/customers', { name: 'D' }),
    )
    const again = await it.app.recording(() =>
      it.app.asOwner((owner) =>
        owner.batch([
          { text: "select set_config('role', 'service_role', true)", values: [] },
          { text: 'update customers set name = name where id = $1', values: [answer.body.id] },
        ]),
      ),
    )
    expect(again.changed).toEqual(['customers'])
  })
})

const make = () =>
  createBackend({
    database: database({ schema: {}, directory: 'memory://' }),
    auth: () => ({ id: 'own', roles: [], claims: {} }),
  })

describe('what testBackend() refuses', () => {
  const whoami = (backend: ReturnType<typeof make>) => ({
    '/api/me': { GET: backend.endpoint({ status: 200 }, ({ principal }) => ({ id: principal.id })) },
  })
  const first = make()
  let app: Awaited<ReturnType<typeof testBackend>>
  beforeAll(async () => {
    app = await testBackend(first, { routes: whoami(first), directory: import.meta.dirname })
  })
  afterAll(() => app.close())

  test('a request that no caller sent is judged by the project’s own authentication', async () => {
    expect(await (await app.fetch(new Request('http://localhost/api/me'))).json()).toEqual({ id: 'own' })
    expect((await app.nobody.get('/api/me')).status).toBe(401)
  })

  test('the same backend twice at a time, and the routes of another backend', async () => {
    await expect(testBackend(first, { routes: whoami(first) })).rejects.toThrow('under test already')
    await expect(testBackend(first, { routes: whoami(make()) })).rejects.toThrow('loaded twice')
  })

  test('a database that is asked for something after its test, instead of leading it to the developer’s own', async () => {
    const backend = make()
    const own = await testBackend(backend, { routes: whoami(backend), directory: import.meta.dirname })
    await backend.database.ping()
    await own.close()
    await expect((async () => backend.database.ping())()).rejects.toThrow('outlived')
    const again = await testBackend(backend, { routes: whoami(backend), directory: import.meta.dirname })
    expect((await again.as('zoe').get('/api/me')).body).toEqual({ id: 'zoe' })
    await again.close()
  })
})
