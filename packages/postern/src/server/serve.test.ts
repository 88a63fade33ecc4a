import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { countingBackend, echo, guarded, rawGet, rawRequest } from '../../test/served.js'
import type { ServedRoute } from './app-options.js'
import { serve, type RunningServer, type ServeOptions } from './serve.js'

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function serving(routes: ServedRoute[], options: Partial<ServeOptions> = {}) {
  const server = await serve({ backend: countingBackend().backend, routes, port: 0, logs: false, ...options })
  running.push(server)
  return server
}

const routes: ServedRoute[] = [
  { path: '/api/items', module: { GET: echo, POST: echo } },
  { path: '/api/items/[id]', module: { GET: echo } },
  { path: '/files/[[...path]]', module: { GET: echo } },
]

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe('over a real socket', () => {
  test('answers from the port it says', async () => {
    const server = await serving(routes)
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    const response = await fetch(`${server.url}/api/items/7`)
    expect(await response.json()).toEqual({ params: { id: '7' }, path: '/api/items/7', method: 'GET' })
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('HEAD has the headers of GET and no body', async () => {
    const server = await serving(routes)
    const answer = await rawGet(server.port, '/api/items', 'HEAD')
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(answer).toMatch(/content-type: application\/json/i)
    expect(answer.split('\r\n\r\n')[1]).toBe('')
  })

  test.each([
    ['//', 308],
    ['//evil.example', 308],
    ['/api/items/', 308],
    ['/../../etc/passwd', 404],
    ['/api/x/../items', 200],
    ['/api/x/%2e%2e/items', 200],
    ['/api/items/..%2f..%2fetc', 200],
    ['/api/items/%00', 400],
    ['/api/items/%ff', 400],
    ['/api/items/%', 400],
    ['/\\evil.example', 400],
    [`/${'a'.repeat(8000)}`, 404],
    [`/files/${'a/'.repeat(3000)}a`, 200],
    [`/${'a'.repeat(20_000)}`, 431],
    ['/api/items?%ff=%00', 200],
  ])('%.40s is answered %d and never with a failure', async (target, status) => {
    const server = await serving(routes)
    const answer = await rawGet(server.port, target)
    expect(Number(answer.split(' ')[1])).toBe(status)
    expect(answer).not.toMatch(/location: \/[/\\]/i)
  })

  test('a request that is none is answered in the same shape', async () => {
    const server = await serving(routes)
    const answer = await rawRequest(server.port, 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer).toContain('urn:postern:problem:invalid')
    expect(answer).toMatch(/x-content-type-options: nosniff/i)
  })

  test('an answer of fetch() passes, and is a Response to everybody', async () => {
    const upstream = await serving(routes)
    let known = false
    const GET = guarded(async () => {
      const response = await fetch(`${upstream.url}/api/items`)
      known = response instanceof Response
      // A frozen answer that is given new headers the usual way.
      return new Response(response.body, response)
    })
    const server = await serving([{ path: '/proxy', module: { GET } }])
    expect(await (await fetch(`${server.url}/proxy`)).json()).toMatchObject({ path: '/api/items' })
    expect(known).toBe(true)
  })

  test.each([0, 1, 5])('a body that breaks after %d parts is cut off, and only the log knows why', async (parts) => {
    const { backend, seen } = countingBackend()
    const server = await serving([{ path: '/stream', module: { GET: guarded(async () => breaking(parts)) } }], {
      backend,
    })
    const answer = await rawGet(server.port, '/stream').catch(String)
    expect(answer).not.toContain('hunter2')
    // A chunked body that ends properly would pass for a whole one.
    expect(answer).not.toMatch(/^HTTP\/1.1 200[^]*\r\n0\r\n\r\n$/)
    expect(seen).toContainEqual(expect.objectContaining({ type: 'request.failed', error: new Error('it is hunter2') }))
  })

  test('a body that breaks before it starts tells the client nothing either', async () => {
    const GET = guarded(async () => {
      const response = new Response(new ReadableStream({ start: (at) => at.error(new Error('it is hunter2')) }))
      // Once looked at, the adapter no longer streams it and reads ahead, before any header has been sent.
      return response.body ? response : new Response()
    })
    const server = await serving([{ path: '/stream', module: { GET } }])
    expect(await rawGet(server.port, '/stream').catch(String)).not.toContain('hunter2')
  })

  test('a streamed body arrives whole', async () => {
    const GET = guarded(async () => new Response(new Blob(['x'.repeat(1_000_000)]).stream()))
    const server = await serving([{ path: '/stream', module: { GET } }])
    expect(await (await fetch(`${server.url}/stream`)).text()).toBe('x'.repeat(1_000_000))
  })
})

/** An answer that sends some parts and then fails with a message that no client may read. */
function breaking(parts: number): Response {
  let sent = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      if (sent++ < parts) controller.enqueue(new TextEncoder().encode('part'))
      else controller.error(new Error('it is hunter2'))
    },
  })
  return new Response(body)
}

const bare = async () => new Response('unguarded')

describe('refusing to start', () => {
  test.each<[string, ServedRoute, string]>([
    [
      'a bare function',
      { path: '/a', module: { POST: bare }, file: 'app/a/route.ts' },
      'POST in app/a/route.ts is a bare function',
    ],
    ['a value that is no handler', { path: '/a', module: { GET: 'hello' } }, 'GET in /a is a bare function'],
    ['no method', { path: '/a', module: { get: echo, default: echo } }, '/a exports no method'],
    [
      'an id that nobody owns',
      { path: '/a/[id]', module: { GET: guarded(bare, {}) } },
      'says none of owns, sees, unowned',
    ],
    ['a catch-all that nobody owns', { path: '/a/[...b]', module: { GET: guarded(bare, {}) } }, 'says none of owns'],
  ])('%s', async (_, route, message) => {
    const { backend, calls, seen } = countingBackend()
    const started = serve({ backend, routes: [route], port: 0, logs: false })
    await expect(started).rejects.toMatchObject({ message: expect.stringContaining(message), hint: expect.any(String) })
    expect(calls).toEqual([])
    expect(seen).toEqual([])
  })

  test('a static path needs no owner', async () => {
    const server = await serving([{ path: '/a', module: { GET: guarded(bare, {}) } }])
    expect((await fetch(`${server.url}/a`)).status).toBe(200)
  })

  test('a taken port: one sentence, a hint, and the database is closed again', async () => {
    const first = await serving(routes)
    const { backend, calls } = countingBackend()
    await expect(serve({ backend, routes, port: first.port, logs: false })).rejects.toMatchObject({
      message: `Port ${first.port} is taken`,
      hint: 'Stop what listens there, or set PORT to a free one',
    })
    expect(calls).toEqual(['open', 'close'])
    expect((await fetch(`${first.url}/api/items`)).status).toBe(200)
  })

  test('a database that does not open: its own sentence, and nothing listens', async () => {
    const free = await serving(routes)
    await free.close()
    const sentence = Object.assign(new Error('The database is not there'), { hint: 'Start it' })
    const { backend } = countingBackend({ open: () => Promise.reject(sentence) })
    await expect(serve({ backend, routes, port: free.port, logs: false })).rejects.toBe(sentence)
    expect(await listens(free.port)).toBe(false)
  })

  test('an address this machine does not have', async () => {
    const started = serve({ backend: countingBackend().backend, routes, port: 0, hostname: '192.0.2.1', logs: false })
    await expect(started).rejects.toMatchObject({ message: 'This machine has no address "192.0.2.1"' })
  })
})

describe('health', () => {
  test('alive and ready while it serves', async () => {
    const server = await serving(routes)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect((await fetch(`${server.url}/healthz`, { method: 'POST' })).status).toBe(404)
  })

  test('a database that fails makes it unready, not dead, and says nothing of why', async () => {
    const { backend, seen } = countingBackend({ ping: () => Promise.reject(new Error('password is hunter2')) })
    const server = await serving(routes, { backend })
    const ready = await fetch(`${server.url}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([503, '{"status":"unavailable"}'])
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(seen.map((event) => event.type)).toContain('database.failed')
  })

  test('a database that does not answer makes it unready after a second', async () => {
    let pings = 0
    const { backend } = countingBackend({ ping: () => new Promise(() => void (pings += 1)) })
    const server = await serving(routes, { backend })
    const began = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/readyz`)))
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 20 }, () => 503))
    expect(performance.now() - began).toBeLessThan(2500)
    expect(pings).toBe(1)
  })
})
