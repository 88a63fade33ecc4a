import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { shop } from '../../test/shop.js'

const slowly = async () => {
  await sleep(300)
  return { id: 'alice', roles: [], claims: {} }
}
let called = 0
const it = shop((endpoint) => ({ '/api/x': { POST: endpoint({}, () => void (called += 1)) } }), {
  backend: { auth: slowly, requestTimeoutMs: 100 },
})

test('a function is not called any more when its client has been told that it took too long', async () => {
  const { status } = await it.app.fetch(new Request('http://localhost/api/x', { method: 'POST' }))
  await sleep(400)
  expect([status, called]).toEqual([504, 0])
})
