import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { shop } from '../../test/shop.js'

const slowly = async () => {
  await sleep(300)
  return { id: 'alice', roles: [], claims: {} }
}
let called = 0
afterEach(() => void (called = 0))
const it = shop(
  (endpoint) => ({
    '/api/x': { POST: endpoint({}, () => void (called += 1)) },
    '/api/files/[id]': { POST: endpoint({ owns: () => slowly() }, () => void (called += 1)) },
  }),
  { backend: { auth: slowly, requestTimeoutMs: 100 } },
)

test('a function is not called any more when its client has been told that it took too long', async () => {
  const { status } = await it.app.fetch(new Request('http://localhost/api/x', { method: 'POST' }))
  await sleep(400)
  expect([status, called]).toEqual([504, 0])
})

test('nor when it was another store that took so long to say whose row it is', async () => {
  const { status } = await it.app.as('alice').post('/api/files/1', {})
  await sleep(400)
  expect([status, called]).toEqual([504, 0])
})

const slowBody = shop(
  (endpoint) => ({ '/api/x': { POST: endpoint({ body: z.unknown() }, () => void (called += 1)) } }),
  {
    backend: { auth: () => ({ id: 'alice', roles: [], claims: {} }), requestTimeoutMs: 100 },
  },
)

test('a body that does not arrive in time is the client’s failure, not ours', async () => {
  const body = new ReadableStream({ pull: () => sleep(10_000, undefined, { ref: false }) })
  const headers = { 'content-type': 'application/json' }
  const request = new Request('http://localhost/api/x', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit)
  const { answer, nothing } = await slowBody.app.recording(() =>
    slowBody.app.as('alice').send<{ code: string }>(request),
  )
  nothing()
  expect([answer.status, answer.body.code, called]).toEqual([408, 'request-timeout', 0])
})
