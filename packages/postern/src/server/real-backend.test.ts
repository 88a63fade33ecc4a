import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBackend } from '../backend.js'
import { database } from '../database/index.js'
import type { Event } from '../events.js'
import { problem } from '../problems.js'
import { serve, type RunningServer } from './serve.js'

const backend = createBackend({
  database: database({ schema: {}, directory: 'memory://server-test' }),
  auth: (request) => (request.headers.get('authorization') === 'Alice' ? { id: 'alice', roles: [], claims: {} } : null),
})
const { endpoint } = backend
const seen: Event[] = []
let server: RunningServer

const routes = [
  { path: '/api/me', module: { GET: endpoint({ status: 200 }, ({ principal }) => ({ id: principal?.id })) } },
  {
    path: '/api/broken',
    module: {
      GET: endpoint({ public: 'a test' }, () => {
        throw new Error('password is hunter2')
      }),
    },
  },
  {
    path: '/api/full/[id]',
    module: {
      GET: endpoint({ public: 'a test', unowned: 'a test' }, () => {
        throw problem('conflict', 'Full')
      }),
    },
  },
]

beforeAll(async () => {
  backend.events.observe((event) => void seen.push(event))
  server = await serve({ backend, routes, port: 0, logs: false })
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers })

test('a real database makes the server ready', async () => {
  expect((await get('/readyz')).status).toBe(200)
  expect(seen.filter((event) => event.type === 'database.opened')).toHaveLength(1)
})

test('an endpoint answers who asks, refuses who does not say, and each is reported once', async () => {
  seen.length = 0
  expect(await (await get('/api/me', { authorization: 'Alice' })).json()).toEqual({ id: 'alice' })
  expect((await get('/api/me')).status).toBe(401)
  const answered = seen.filter((event) => event.type === 'request.answered')
  expect(answered.map(({ status, principalId }) => [status, principalId])).toEqual([
    [200, 'alice'],
    [401, null],
  ])
})

const shape = async (response: Response) =>
  Object.keys((await response.json()) as object).filter((key) => key !== 'detail')

test('what is not there looks the same whoever says it', async () => {
  const [byServer, byEndpoint] = [await get('/api/nothing'), await get('/api/full/1')]
  expect(await shape(byServer)).toEqual(await shape(byEndpoint))
  expect([...byServer.headers.keys()].sort()).toEqual([...byEndpoint.headers.keys()].sort())
})

test('a failure is one sentence outside and everything inside, under the same id', async () => {
  const response = await get('/api/broken')
  const text = await response.text()
  expect([response.status, text.includes('hunter2')]).toEqual([500, false])
  const { requestId } = JSON.parse(text) as { requestId: string }
  expect(seen).toContainEqual(
    expect.objectContaining({ type: 'request.failed', requestId, error: new Error('password is hunter2') }),
  )
})

test('an endpoint at [id] that says nothing of its owner is refused before anything listens', async () => {
  const GET = endpoint({ status: 200 }, () => ({ ok: true }))
  await expect(
    serve({ backend, routes: [{ path: '/a/[id]', module: { GET } }], port: 0, logs: false }),
  ).rejects.toThrow('says none of owns, sees, unowned')
})
