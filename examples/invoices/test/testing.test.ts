import { fileURLToPath } from 'node:url'
import { testBackend, type TestBackend } from 'postern/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backend } from '../backend.ts'

const directory = fileURLToPath(new URL('..', import.meta.url))
let app: TestBackend
beforeAll(async () => {
  app = await testBackend(backend, { directory, load: (file) => import(file) })
})
afterAll(() => app.close())

test('a customer is there for who made it, and for no one else', async () => {
  const customer = { name: 'ACME', email: 'billing@acme.example' }
  const made = await app.as('alice').post<{ id: string }>('/api/customers', customer)
  expect(made).toMatchObject({ status: 201, body: customer })
  const path = `/api/customers/${made.body.id}`
  expect((await app.as('alice').get(path)).body).toMatchObject(customer)

  const theirs = await app.recording(() => app.as('bob').delete(path))
  expect(theirs.answer.status).toBe(404)
  theirs.nothingWritten()

  const nobodys = await app.recording(() => app.nobody.get(path))
  expect(nobodys.answer.status).toBe(401)
  nobodys.nothing()
})

test('the library that signs people up keeps its tables in the test’s database too', async () => {
  const origin = 'http://localhost:3000'
  const signUp = new Request(`${origin}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ name: 'Carol', email: 'carol@example.com', password: 'correct horse battery' }),
  })
  const signedUp = await app.recording(() => app.fetch(signUp))
  expect([signedUp.answer.status, signedUp.changed]).toEqual([200, ['account', 'session', 'user']])

  const cookies = signedUp.answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  const list = await app.fetch(new Request(`${origin}/api/customers`, { headers: { cookie: cookies.join('; ') } }))
  expect([list.status, await list.json()]).toEqual([200, { data: [], next: null }])
})
