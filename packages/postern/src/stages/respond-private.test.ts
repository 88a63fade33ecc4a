import { expect, test } from 'vitest'
import { CustomerInput, customers, shop } from '../../test/shop.js'
import { create } from '../operations.js'

const it = shop((endpoint) => ({
  '/api/quiet': { POST: endpoint({ status: 204, body: CustomerInput }, create(customers)) },
  '/api/public': { GET: endpoint({ public: 'a greeting' }, ({ principal }) => ({ id: principal?.id ?? null })) },
  '/api/own': { GET: endpoint({}, () => Response.json({ mine: 1 })) },
}))

const control = async (answer: Promise<{ headers: Headers }>) => (await answer).headers.get('cache-control')

test('a status that has no body is no failure of what was written', async () => {
  const { answer, changed } = await it.app.recording(() => it.app.as('alice').post('/api/quiet', { name: 'x' }))
  expect([answer.status, answer.text, changed]).toEqual([204, '', ['customers']])
})

test('what somebody is told is never kept by a cache, on a public path and in a Response of one’s own too', async () => {
  expect(await control(it.app.as('alice').get('/api/public'))).toBe('no-store')
  expect(await control(it.app.as('alice').get('/api/own'))).toBe('no-store')
  expect(await control(it.app.nobody.get('/api/public'))).toBeNull()
})
