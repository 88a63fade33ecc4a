import { expect, test } from 'vitest'
import { createBackend } from './backend.js'
import { database } from './database/database.js'
import { problem } from './problems.js'

/** A session that is prolonged by each request, whatever becomes of it. */
const auth = Object.assign(() => ({ id: 'alice', roles: [], claims: {} }), {
  setCookies: () => ['session=renewed; HttpOnly', 'cache=1; HttpOnly'],
})
const { endpoint } = createBackend({ database: database({ schema: {}, directory: 'memory://' }), auth })

const cacheable = () => new Response('public', { headers: { 'cache-control': 'public, max-age=60' } })

test.each<[string, () => unknown]>([
  ['a value', () => ({ a: 1 })],
  ['nothing', () => undefined],
  ['a Response that says it may be cached', cacheable],
  ['a refusal', () => Promise.reject(problem('conflict'))],
  ['a failure', () => Promise.reject(new Error('x'))],
])('a session that was renewed reaches its owner with %s, and no cache keeps it', async (_, does) => {
  const answer = await endpoint({ public: 'a list for everybody' }, does)(new Request('http://localhost/'))
  expect(answer.headers.getSetCookie()).toEqual(['session=renewed; HttpOnly', 'cache=1; HttpOnly'])
  expect(answer.headers.get('cache-control')).toBe('no-store')
})
