import { describe, expect, test } from 'vitest'
import { countingBackend, echo, guarded } from '../../test/served.js'
import { foreign } from '../foreign.js'
import { problem } from '../problems.js'
import type { ServedRoute } from './app-options.js'
import { createApp } from './create-app.js'

function appOf(routes: ServedRoute[], options: { trustProxy?: number } = {}) {
  const { backend, calls, seen } = countingBackend()
  const app = createApp({ backend, routes, ...options })
  const send = (path: string, init?: RequestInit) => app.fetch(new Request(`http://localhost${path}`, init))
  return { send, calls, seen }
}

const items: ServedRoute = { path: '/api/items', module: { GET: echo, POST: echo, dynamic: 'force-dynamic' } }

describe('what is not there', () => {
  test('an unknown path is a 404 in the shape of every problem', async () => {
    const { send, seen } = appOf([items])
    const response = await send('/api/nothing?token=1')
    const requestId = response.headers.get('x-request-id')
    expect(response.status).toBe(404)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(await response.json()).toEqual({
      type: 'urn:postern:problem:not-found',
      title: 'There is nothing here',
      status: 404,
      code: 'not-found',
      requestId,
    })
    expect(seen).toEqual([
      expect.objectContaining({
        type: 'request.received',
        requestId,
        method: 'GET',
        path: '/api/nothing',
        route: null,
      }),
      { type: 'request.refused', requestId, code: 'not-found', principalId: null },
      expect.objectContaining({
        type: 'request.answered',
        requestId,
        path: '/api/nothing',
        status: 404,
        code: 'not-found',
      }),
    ])
  })

  test.each(['PUT', 'DELETE', 'PROPFIND'])(
    '%s on a route without it is a 405 that says what is offered',
    async (method) => {
      const response = await appOf([items]).send('/api/items', { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST')
      expect(await response.json()).toMatchObject({ code: 'method-not-allowed' })
    },
  )

  test('broken percent-encoding is a 400, and no handler runs', async () => {
    let ran = 0
    const GET = guarded(async () => {
      ran += 1
      return new Response()
    })
    const { send } = appOf([{ path: '/api/items/[id]', module: { GET } }])
    expect((await send('/api/items/%ff')).status).toBe(400)
    expect(ran).toBe(0)
    expect((await send('/api/items/7')).status).toBe(200)
    expect(ran).toBe(1)
  })
})

describe('methods that need no export', () => {
  test('HEAD is answered by GET without the body', async () => {
    const response = await appOf([items]).send('/api/items', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('')
  })

  test('HEAD of a route without GET is a 405', async () => {
    const response = await appOf([{ path: '/a', module: { POST: echo } }]).send('/a', { method: 'HEAD' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('OPTIONS, POST')
  })

  test('OPTIONS answers with Allow, unless it is exported', async () => {
    const response = await appOf([items]).send('/api/items', { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS, POST'])
    const exported = await appOf([{ path: '/a', module: { OPTIONS: echo } }]).send('/a', { method: 'OPTIONS' })
    expect(exported.status).toBe(200)
  })
})

describe('a slash too many', () => {
  test.each([
    ['/api/items/', '/api/items'],
    ['/api//items?a=1&b=//', '/api/items?a=1&b=//'],
    ['/nothing/', '/nothing'],
    ['///', '/'],
  ])('%s is sent to %s with 308, which keeps the method', async (path, location) => {
    const response = await appOf([items]).send(path, { method: 'POST' })
    expect([response.status, response.headers.get('location')]).toEqual([308, location])
  })

  test.each(['//evil.example/', '///evil.example//', '/\\evil.example/', '/%2f/evil.example/'])(
    '%s never leads to another host',
    async (path) => {
      const location = (await appOf([items]).send(path)).headers.get('location')
      expect(new URL(location ?? '/', 'http://localhost').host).toBe('localhost')
    },
  )
})

const secured = async (proto: string, trustProxy: number) => {
  const response = await appOf([items], { trustProxy }).send('/api/items', { headers: { 'x-forwarded-proto': proto } })
  return response.headers.has('strict-transport-security')
}

const idFor = async (sent: string, trustProxy: number) => {
  const response = await appOf([items], { trustProxy }).send('/api/items', { headers: { 'x-request-id': sent } })
  return response.headers.get('x-request-id')
}

describe('what a handler receives and what leaves', () => {
  test('params are decoded, and a path with dots has been made plain before it is matched', async () => {
    const { send } = appOf([items, { path: '/api/items/[id]', module: { GET: echo } }])
    expect(await (await send('/api/items/a%20b')).json()).toMatchObject({ params: { id: 'a b' } })
    expect(await (await send('/api/other/%2e%2e/items')).json()).toMatchObject({ path: '/api/items' })
  })

  test('security headers are on every answer, and what a handler set on purpose stays', async () => {
    const GET = guarded(async () => new Response('{}', { headers: { 'x-frame-options': 'SAMEORIGIN' } }))
    const response = await appOf([{ path: '/a', module: { GET } }]).send('/a')
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(response.headers.get('strict-transport-security')).toBeNull()
    const json = await appOf([items]).send('/api/items')
    expect(json.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
  })

  test('an answer with frozen headers gets them too', async () => {
    const GET = guarded(async () => Response.redirect('http://localhost/elsewhere', 303))
    const response = await appOf([{ path: '/a', module: { GET } }]).send('/a')
    expect([response.status, response.headers.get('location')]).toEqual([303, 'http://localhost/elsewhere'])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('https is believed of a trusted proxy alone, at its own place in the list', async () => {
    expect(await secured('https', 0)).toBe(false)
    expect(await secured('https', 1)).toBe(true)
    expect(await secured('https, http', 1)).toBe(false)
    expect(await secured('https, http', 2)).toBe(true)
  })

  test("a client's request id counts behind a trusted proxy alone, and only when it is harmless", async () => {
    expect(await idFor('balancer-0001', 1)).toBe('balancer-0001')
    expect(await idFor('balancer-0001', 0)).not.toBe('balancer-0001')
    expect(await idFor('bad"id,level:50', 1)).toMatch(/^[0-9a-f-]{36}$/)
    expect(await idFor('short', 1)).toMatch(/^[0-9a-f-]{36}$/)
  })
})

const failing = (thrown: unknown) => {
  const POST = guarded(async () => {
    throw thrown
  })
  return appOf([{ path: '/a', module: { POST } }])
}

describe('a handler that fails', () => {
  test('tells the client one sentence and the log everything, under one id', async () => {
    const { send, seen } = failing(new Error('password is hunter2'))
    const response = await send('/a', { method: 'POST' })
    const body = await response.text()
    expect(response.status).toBe(500)
    expect(body).not.toContain('hunter2')
    const failure = seen.find((event) => event.type === 'request.failed')
    expect(failure).toMatchObject({ requestId: JSON.parse(body).requestId, error: { message: 'password is hunter2' } })
  })

  test('a problem thrown on purpose is answered as such', async () => {
    const response = await failing(problem('conflict', 'Sent already')).send('/a', { method: 'POST' })
    expect(await response.json()).toMatchObject({ code: 'conflict', detail: 'Sent already' })
  })

  test('an answer that is no Response is a failure', async () => {
    const GET = guarded((async () => ({ leaked: true })) as never)
    const response = await appOf([{ path: '/a', module: { GET } }]).send('/a')
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('leaked')
  })
})

describe('who reports a request', () => {
  test('an endpoint reports its own, a foreign handler is reported by the server', async () => {
    const handler = foreign('a library guards it', async () => new Response('hello'))
    const { send, seen } = appOf([items, { path: '/lib/[...all]', module: { GET: handler } }])
    await send('/api/items')
    expect(seen).toEqual([])
    await send('/lib/a/b')
    expect(seen.map((event) => event.type)).toEqual(['request.received', 'request.answered'])
  })
})

test('building an app opens nothing', () => {
  expect(appOf([items]).calls).toEqual([])
})
