import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { countingBackend, guarded, rawRequest } from '../../test/served.js'
import { whenAbandoned } from '../http/from-socket.js'
import { DEFAULT_LIMITS, type Limits } from '../limits.js'
import { createHttpServer } from './listen.js'
import { type RunningServer, serve } from './serve.js'

const running: RunningServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

/** A server that counts the calls of its handler. */
async function serving(limits: Partial<Limits> = {}, handler?: (request: Request) => Promise<Response>) {
  const { backend, seen } = countingBackend()
  const calls: string[] = []
  const answer = guarded(async (request) => {
    const body = request.method === 'POST' ? await request.text() : ''
    calls.push(`${request.method} ${new URL(request.url).pathname} ${body}`.trim())
    return handler ? handler(request) : new Response(calls.at(-1))
  })
  const module = { GET: answer, POST: answer }
  const server = await serve({
    backend,
    routes: [{ path: '/a/[id]', module }],
    port: 0,
    logs: false,
    limits,
    graceMs: 500,
  })
  running.push(server)
  return { port: server.port, calls, seen }
}

/** The answers of a connection: status, and the code of a problem or the text. */
function answersIn(text: string): [number, string][] {
  const found: [number, string][] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, end)
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0)
    const body = rest.slice(end + 4, end + 4 + length)
    rest = rest.slice(end + 4 + length)
    const code = /content-type: application\/problem\+json/i.test(head)
      ? (JSON.parse(body) as { code: string }).code
      : body
    found.push([Number(head.split(' ')[1]), code])
  }
  return found
}

const HOST = 'Host: a\r\n'
const lines = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1\r\n`).join('')

describe('a request that two programs could read differently', () => {
  test.each([
    ['two Host headers', `GET /a/1 HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`, 400, 'invalid'],
    ['the same Host twice', `GET /a/1 HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400, 'invalid'],
    ['no Host', 'GET /a/1 HTTP/1.1\r\n\r\n', 400, 'invalid'],
    ['no Host in HTTP/1.0', 'GET /a/1 HTTP/1.0\r\n\r\n', 400, 'invalid'],
    ['an empty Host', 'GET /a/1 HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 400, 'invalid'],
    ['a Host that is none', 'GET /a/1 HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n', 400, 'invalid'],
    ['a whole URL', `GET http://a/a/1 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a whole URL to elsewhere', `GET http://evil.example/a/1 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['CONNECT', `CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a target without a slash', `GET a/1 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a control character in the target', `GET /a/\x01 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a target that is not ASCII', `GET /a/ü HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    [
      'two Authorization headers',
      `GET /a/1 HTTP/1.1\r\n${HOST}Authorization: a\r\nauthorization: a\r\n\r\n`,
      400,
      'invalid',
    ],
    [
      'two Content-Type headers',
      `GET /a/1 HTTP/1.1\r\n${HOST}Content-Type: a\r\ncontent-type: b\r\n\r\n`,
      400,
      'invalid',
    ],
    [
      'two organizations',
      `GET /a/1 HTTP/1.1\r\n${HOST}X-Organization-Id: 1\r\nX-Organization-Id: 2\r\n\r\n`,
      400,
      'invalid',
    ],
    ['two lengths', `POST /a/1 HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 400, 'invalid'],
    [
      'a length and chunks',
      `POST /a/1 HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'invalid',
    ],
    ['a length that is none', `POST /a/1 HTTP/1.1\r\n${HOST}Content-Length: 1a\r\n\r\nx`, 400, 'invalid'],
    [
      'an encoding of the transfer that is unknown',
      `POST /a/1 HTTP/1.1\r\n${HOST}Transfer-Encoding: x\r\n\r\n`,
      400,
      'invalid',
    ],
    [
      'chunks that are not the last encoding',
      `POST /a/1 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
      400,
      'invalid',
    ],
    [
      'chunks whose length is none',
      `POST /a/1 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nz\r\n`,
      400,
      'invalid',
    ],
    ['a line that goes on in the next', `GET /a/1 HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, 400, 'invalid'],
    ['a bare LF', `GET /a/1 HTTP/1.1\n${HOST}\n\n`, 400, 'invalid'],
    ['a CR in a header', `GET /a/1 HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n`, 400, 'invalid'],
    ['a NUL in a header', `GET /a/1 HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, 400, 'invalid'],
    ['a space before the colon', `GET /a/1 HTTP/1.1\r\n${HOST}X : a\r\n\r\n`, 400, 'invalid'],
    ['no version', 'GET /a/1\r\n\r\n', 400, 'invalid'],
    ['no version, but headers', `GET /a/1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a version to come', `GET /a/1 HTTP/3.7\r\n${HOST}\r\n`, 400, 'invalid'],
    ['a method that nobody knows', `FROB /a/1 HTTP/1.1\r\n${HOST}\r\n`, 400, 'invalid'],
    ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'invalid'],
    [
      'a name like a prototype',
      `GET /a/1 HTTP/1.1\r\n${HOST}__proto__: x\r\nConnection: close\r\n\r\n`,
      200,
      'GET /a/1',
    ],
    ['an expectation that is unknown', `GET /a/1 HTTP/1.1\r\n${HOST}Expect: more\r\n\r\n`, 400, 'invalid'],
    ['64 headers', `GET /a/1 HTTP/1.1\r\n${HOST}${lines(62)}Connection: close\r\n\r\n`, 200, 'GET /a/1'],
    ['65 headers', `GET /a/1 HTTP/1.1\r\n${HOST}${lines(63)}Connection: close\r\n\r\n`, 431, 'headers-too-large'],
    ['2,000 headers', `GET /a/1 HTTP/1.1\r\n${lines(1_500)}${HOST}\r\n`, 431, 'headers-too-large'],
    ['20 kB of headers', `GET /a/1 HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['a URL of 20 kB', `GET /a/${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431, 'headers-too-large'],
    [
      '20 kB beside a chunk',
      `POST /a/1 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\n`,
      413,
      'too-large',
    ],
  ])('%s', async (_, text, status, code) => {
    const { port, calls, seen } = await serving()
    const answer = await rawRequest(port, text)
    expect(answersIn(answer)).toEqual([[status, code]])
    if (status === 200) return
    expect(calls).toEqual([])
    expect(answer).toMatch(/^connection: close\r$/im)
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im)
    const requestId = /^x-request-id: (.*)\r$/im.exec(answer)?.[1]
    expect(answer).toContain(`"requestId":"${requestId}"`)
    expect(seen.filter(({ type }) => type === 'request.refused')).toMatchObject([{ requestId, code }])
  })

  test.each(['TRACE', 'PROPFIND', 'PUT', 'QUERY'])('%s is known and not offered', async (method) => {
    const { port, calls } = await serving()
    const answer = await rawRequest(port, `${method} /a/1 HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)
    expect(answersIn(answer)).toEqual([[405, 'method-not-allowed']])
    expect(answer).toMatch(/^allow: GET, HEAD, OPTIONS, POST\r$/im)
    expect(calls).toEqual([])
  })

  test('an upgrade to what we do not speak is a request like any other', async () => {
    const { port } = await serving()
    const head = `GET /a/1 HTTP/1.1\r\n${HOST}Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n`
    expect(answersIn(await rawRequest(port, head))).toEqual([[200, 'GET /a/1']])
  })

  test('a client that asks whether to go on is told so', async () => {
    const { port } = await serving()
    const head = `POST /a/1 HTTP/1.1\r\n${HOST}Connection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi`
    expect(answersIn(await rawRequest(port, head))).toEqual([
      [100, ''],
      [200, 'POST /a/1 hi'],
    ])
  })
})

const get = (id: number, more = '') => `GET /a/${id} HTTP/1.1\r\n${HOST}${more}\r\n`
const slowly = async (request: Request) => {
  const id = Number(new URL(request.url).pathname.slice(3))
  await pause(id === 1 ? 150 : 1)
  return new Response(String(id))
}

function endless(): Response {
  const part = new TextEncoder().encode('part')
  return new Response(new ReadableStream({ pull: (controller) => pause(30).then(() => controller.enqueue(part)) }))
}

describe('several requests on one connection', () => {
  test('are answered in their order, whatever is done first', async () => {
    const { port } = await serving({}, slowly)
    const answer = await rawRequest(port, get(1) + get(2) + get(3, 'Connection: close\r\n'))
    expect(answersIn(answer)).toEqual([
      [200, '1'],
      [200, '2'],
      [200, '3'],
    ])
  })

  test('what is broken behind them is refused after their answers, and what follows never runs', async () => {
    const { port, calls } = await serving({}, slowly)
    for (const broken of ['FROB\r\n\r\n', 'GET /x HTTP/1.1\r\n\r\n', `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`]) {
      calls.splice(0)
      expect(answersIn(await rawRequest(port, get(1) + get(2) + broken + get(3)))).toEqual([
        [200, '1'],
        [200, '2'],
        [400, 'invalid'],
      ])
      expect(calls).toEqual(['GET /a/1', 'GET /a/2'])
    }
  })

  test('a body that breaks is the end of its own request: one answer, and its handler is not told of a body', async () => {
    const { port, calls } = await serving({}, slowly)
    const broken = `POST /a/2 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nz\r\n`
    expect(answersIn(await rawRequest(port, get(1) + broken))).toEqual([
      [200, '1'],
      [400, 'invalid'],
    ])
    expect(calls).toEqual(['GET /a/1'])
  })

  test('nothing is written into an answer that has begun', async () => {
    const { port } = await serving({}, async (request) => (request.url.endsWith('/1') ? endless() : new Response('x')))
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    socket.write(get(1))
    while (!answer.includes('part')) await pause(10)
    socket.write('FROB\r\n\r\n')
    await pause(200)
    socket.destroy()
    expect(answer).not.toContain('400')
  })

  test('that come by the hundred are refused beyond the 32 that wait', async () => {
    const { port, calls } = await serving({}, slowly)
    const answers = answersIn(await rawRequest(port, Array.from({ length: 100 }, () => get(1)).join('')))
    expect(answers).toHaveLength(33)
    expect(answers.at(-1)).toEqual([429, 'rate-limited'])
    expect(calls).toHaveLength(32)
  })
})

/** Sends, then waits for the end; what came, and how long it took. */
async function heldFor(port: number, text: string, more?: { readonly text: string; readonly everyMs: number }) {
  const began = performance.now()
  const socket = connect(port, '127.0.0.1', () => socket.write(text))
  const dripping = more && setInterval(() => socket.write(more.text), more.everyMs)
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(dripping)
  return { answer, ms: performance.now() - began }
}

describe('a client that takes its time', () => {
  test('the defaults are those of the table', () => {
    const server = createHttpServer(DEFAULT_LIMITS)
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount, maxConnections, timeout } = server
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, maxHeadersCount, maxConnections, timeout }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      maxHeadersCount: 65,
      maxConnections: 10_000,
      timeout: 30_000,
    })
  })

  test('headers that drip are ended with 408', async () => {
    const { port, calls } = await serving({ headersMs: 500, receiveMs: 20_000 })
    const { answer, ms } = await heldFor(port, 'GET /a/1 HTTP/1.1\r\n', { text: 'X: 1\r\n', everyMs: 100 })
    expect(answersIn(answer)).toEqual([[408, 'request-timeout']])
    expect(ms).toBeGreaterThan(450)
    expect(ms).toBeLessThan(10_000)
    expect(calls).toEqual([])
  })

  test('a connection that says nothing is ended', async () => {
    const { port } = await serving({ headersMs: 500, receiveMs: 500 })
    const { answer, ms } = await heldFor(port, '')
    expect(answersIn(answer)).toEqual([[408, 'request-timeout']])
    expect(ms).toBeLessThan(10_000)
  })

  test('a body that drips is ended with 408, and its handler is not told of a body', async () => {
    const { port, calls } = await serving({ headersMs: 500, receiveMs: 800 })
    const head = `POST /a/1 HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\n`
    const { answer, ms } = await heldFor(port, head, { text: 'x', everyMs: 100 })
    expect(answersIn(answer)).toEqual([[408, 'request-timeout']])
    expect(ms).toBeLessThan(10_000)
    expect(calls).toEqual([])
  })

  test('a connection that has been answered is kept for a while, and for no longer', async () => {
    const { port } = await serving({ keepAliveMs: 300 })
    const { answer, ms } = await heldFor(port, get(1))
    expect(answersIn(answer)).toEqual([[200, 'GET /a/1']])
    expect(ms).toBeGreaterThan(250)
    expect(ms).toBeLessThan(10_000)
  })

  test('an answer that nobody takes is given up', async () => {
    const { port } = await serving({ unreadMs: 400 }, async () => new Response('x'.repeat(20_000_000)))
    const socket = connect(port, '127.0.0.1', () => socket.write(get(1)))
    const closed = new Promise((resolve) => socket.once('close', resolve).on('error', resolve))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await pause(3_000)
    socket.resume()
    await closed
    expect(socket.bytesRead).toBeLessThan(20_000_000)
  })

  test('one that reads slowly gets all of it', async () => {
    const { port } = await serving({ unreadMs: 400 }, async () => new Response('x'.repeat(6_000_000)))
    const socket = connect(port, '127.0.0.1', () => socket.write(get(1, 'Connection: close\r\n')))
    let size = 0
    socket.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      socket.pause()
      setTimeout(() => socket.resume(), 10)
    })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(size).toBeGreaterThan(6_000_000)
  })

  test('a handler that thinks for longer than that is not cut off', async () => {
    const { port } = await serving({ unreadMs: 200, keepAliveMs: 200 }, async () => {
      await pause(1_000)
      return new Response('at last')
    })
    expect(answersIn(await rawRequest(port, get(1, 'Connection: close\r\n')))).toEqual([[200, 'at last']])
  })

  test('connections beyond the limit are closed, and those within it go on', async () => {
    const { port } = await serving({ connections: 2 })
    const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    await pause(100)
    expect(await heldFor(port, get(1)).then(({ answer }) => answer)).toBe('')
    const answer = new Promise<string>((resolve) => held[0]!.setEncoding('latin1').once('data', resolve))
    held[0]!.write(get(1))
    expect(await answer).toMatch(/^HTTP\/1.1 200/)
    for (const socket of held) socket.destroy()
  })
})

test.each([[{ headers: 0 }], [{ headersMs: 1.5 }], [{ heders: 1 } as never], [{ unreadMs: Number.NaN }]])(
  'a limit of %j is refused before anything starts',
  async (limits) => {
    await expect(serving(limits)).rejects.toThrow(/limit/)
  },
)

test('a client that leaves is missed by all of its requests, those behind the first one too', async () => {
  const gone: string[] = []
  const { port, calls } = await serving({}, (request) => {
    return new Promise((resolve) => {
      whenAbandoned(request, () => {
        gone.push(new URL(request.url).pathname)
        resolve(new Response('for nobody'))
      })
    })
  })
  const socket = connect(port, '127.0.0.1')
  socket.write(['1', '2', '3'].map((id) => `GET /a/${id} HTTP/1.1\r\n${HOST}\r\n`).join(''))
  await expect.poll(() => calls).toHaveLength(3)
  expect(gone).toEqual([])
  socket.destroy()
  await expect.poll(() => gone.toSorted(), { timeout: 5_000 }).toEqual(['/a/1', '/a/2', '/a/3'])
})
