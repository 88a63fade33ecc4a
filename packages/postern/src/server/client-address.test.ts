import { afterEach, expect, test } from 'vitest'
import { createBackend, type Handler } from '../index.js'
import { database } from '../database/index.js'
import { serve, type RunningServer } from './index.js'

let server: RunningServer | undefined
afterEach(() => server?.close())

const byName = (request: Request) => request.headers.get('x-postern-client')

const otherWays: readonly (typeof byName)[] = [
  (request) => Object.fromEntries(request.headers)['x-postern-client'] ?? null,
  (request) => byName(new Request(request)),
  (request) => byName(request.clone()),
]

async function addressSeen(headers: Record<string, string>, trustProxy: number, read = byName): Promise<string> {
  const { endpoint, ...backend } = createBackend({
    database: database({ schema: {}, directory: 'memory://' }),
    auth: () => null,
  })
  const GET: Handler = endpoint({ public: 'tells who asks' }, ({ request }) => ({
    client: read(request),
  }))
  const routes = [{ path: '/who', module: { GET } }]
  server = await serve({ backend: { ...backend, endpoint } as never, routes, port: 0, trustProxy, logs: false })
  const response = await fetch(`${server.url}/who`, { headers })
  return ((await response.json()) as { client: string }).client
}

test('a handler sees the address at the other end of the socket', async () => {
  expect(await addressSeen({}, 0)).toBe('127.0.0.1')
})

test('a client cannot say who it is', async () => {
  expect(await addressSeen({ 'x-postern-client': '10.9.9.9', 'x-forwarded-for': '10.8.8.8' }, 0)).toBe('127.0.0.1')
})

test('nor where a handler goes through all headers, or copies the request', async () => {
  for (const read of otherWays) {
    expect(await addressSeen({ 'x-postern-client': '10.9.9.9' }, 0, read)).toBe('127.0.0.1')
    await server?.close()
  }
})

test('behind one proxy it is the last entry that counts: the client wrote the others', async () => {
  expect(await addressSeen({ 'x-forwarded-for': '10.8.8.8, 203.0.113.7', 'x-postern-client': '10.9.9.9' }, 1)).toBe(
    '203.0.113.7',
  )
})

test('behind two proxies it is the last but one', async () => {
  expect(await addressSeen({ 'x-forwarded-for': '10.8.8.8, 203.0.113.7, 192.0.2.1' }, 2)).toBe('203.0.113.7')
})
