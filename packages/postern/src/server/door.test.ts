import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { countingBackend, guarded, rawRequest } from '../../test/served.js'
import { corsPolicy } from '../http/cors.js'
import { logs } from './logs.js'
import { serve, type RunningServer, type ServeOptions } from './serve.js'

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

/** A server that is crowded when the test says so, and whose endpoint answers when the test says so. */
async function busyServer(options: Partial<ServeOptions> = {}) {
  const state = { isCrowded: true, calls: 0 }
  const { backend, seen, calls } = countingBackend()
  Object.defineProperty(backend.database, 'isCrowded', { get: () => state.isCrowded })
  const waiting = new EventEmitter()
  const answering = guarded(async (request) => {
    state.calls += 1
    if (request.headers.has('x-wait')) await once(waiting, 'end')
    return new Response('served')
  })
  const routes = [{ path: '/a', module: { GET: answering, POST: answering } }]
  const server = await serve({ backend, routes, port: 0, logs: false, ...options })
  running.push(server)
  return {
    server,
    state,
    seen,
    calls,
    answerAll: () => waiting.emit('end'),
    backend,
    get: (init?: RequestInit) => fetch(`${server.url}/a`, init),
  }
}

test('while the database is crowded, requests are refused before anything is done for them', async () => {
  const { state, calls, get } = await busyServer()
  const answer = await get({ headers: { 'x-request-id': 'chosen-by-a-client' } })
  const requestId = answer.headers.get('x-request-id')
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await answer.json()).toEqual({
    type: 'urn:postern:problem:unavailable',
    title: 'The service is busy; try again shortly',
    status: 503,
    code: 'unavailable',
    requestId,
  })
  expect([state.calls, calls]).toEqual([0, ['open']])
  state.isCrowded = false
  expect(await (await get()).text()).toBe('served')
})

test('a page that may read answers may read a refusal, and when to come back', async () => {
  const { backend, get } = await busyServer()
  Object.assign(backend, { cors: corsPolicy({ origins: ['https://app.example'] }) })
  const from = (origin: string) =>
    get({ headers: { origin } }).then(({ status, headers }) => [status, headers] as const)
  const [status, headers] = await from('https://app.example')
  expect([status, headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([
    503,
    'https://app.example',
    'origin',
  ])
  expect(headers.get('access-control-expose-headers')).toContain('retry-after')
  const [, others] = await from('https://evil.example')
  expect([others.get('access-control-allow-origin'), others.get('vary')]).toEqual([null, 'origin'])
})

test('health is answered all the same: a busy instance must not be taken for a dead one', async () => {
  const { server } = await busyServer()
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

test('the connection of a refused body answers its next request', async () => {
  const { server, state } = await busyServer()
  const body = 'x'.repeat(50_000)
  const socket = connect(server.port, '127.0.0.1').setEncoding('utf8')
  let answers = ''
  socket.on('data', (chunk: string) => (answers += chunk))
  socket.write(`POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  while (!answers.includes('requestId')) await pause(5)
  state.isCrowded = false
  socket.write('GET /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  await once(socket, 'close')
  expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200'])
})

test('a refused HEAD has no body', async () => {
  const { server } = await busyServer()
  const answer = await rawRequest(server.port, 'HEAD /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1.1 503 /)
  expect(answer.split('\r\n\r\n')[1]).toBe('')
})

test('with maxInFlight one more is refused, and let in when another has been answered', async () => {
  const { state, get, answerAll } = await busyServer({ maxInFlight: 2 })
  state.isCrowded = false
  const waiting = [get({ headers: { 'x-wait': '1' } }), get({ headers: { 'x-wait': '1' } })]
  while (state.calls < 2) await pause(5)
  expect((await get()).status).toBe(503)
  expect(state.calls).toBe(2)
  answerAll()
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200])
  await expect.poll(async () => (await get()).status).toBe(200)
})

test.each([0, -1, Number.NaN])('maxInFlight %s is refused: nothing would ever be answered', async (maxInFlight) => {
  const { backend, calls } = countingBackend()
  await expect(serve({ backend, routes: [], port: 0, logs: false, maxInFlight })).rejects.toThrow(
    'maxInFlight takes a number from 1 on',
  )
  expect(calls).toEqual([])
})

test('a flood of refusals is one line in the log', async () => {
  const lines: string[] = []
  const { get, seen, backend } = await busyServer()
  backend.events.observe(logs({ pretty: false, destination: { write: (line) => void lines.push(line) } }))
  for (let count = 0; count < 50; count += 1) await (await get()).text()
  expect(seen.filter(({ type }) => type === 'server.overloaded')).toEqual([{ type: 'server.overloaded', refused: 1 }])
  expect(seen.filter(({ type }) => type.startsWith('request.'))).toEqual([])
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ level: 40, msg: 'overloaded: requests refused: 1', refused: 1 }),
  ])
})
