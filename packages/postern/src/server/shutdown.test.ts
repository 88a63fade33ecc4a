import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { countingBackend, guarded, rawGet, Signals } from '../../test/served.js'
import { serve, type ServeOptions } from './serve.js'

/** A server whose one endpoint waits as long as it is told, and writes down that it finished before the database closed. */
async function slowServer(options: Partial<ServeOptions> = {}) {
  const { backend, calls, seen } = countingBackend()
  const GET = guarded(async (request) => {
    calls.push('started')
    await pause(Number(new URL(request.url).searchParams.get('ms')))
    calls.push('answered')
    return Response.json({ whole: 'answer' })
  })
  const routes = [{ path: '/slow', module: { GET } }]
  const server = await serve({ backend, routes, port: 0, logs: false, ...options })
  return { server, calls, seen, get: (ms: number) => fetch(`${server.url}/slow?ms=${ms}`) }
}

describe('a stop under load', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'round %d: every accepted request is answered, and then the database closes',
    async (round) => {
      const { server, calls, get } = await slowServer()
      // Kept-alive connections from an earlier request are part of the load.
      await Promise.all(Array.from({ length: 10 }, () => get(0).then((response) => response.json())))
      const answers = Array.from({ length: 40 }, (_, at) => get(20 + ((at * 37 + round * 11) % 200)))
      while (calls.filter((call) => call === 'started').length < 50) await pause(1)
      const stopped = server.close()
      const bodies = await Promise.all(answers.map(async (answer) => (await answer).json()))
      await stopped
      expect(bodies).toEqual(Array.from({ length: 40 }, () => ({ whole: 'answer' })))
      expect(calls.filter((call) => call === 'answered')).toHaveLength(50)
      expect(calls.indexOf('close')).toBe(calls.length - 1)
    },
  )

  test.each([1, 2, 3])(
    'round %d: what the kernel has taken for us is answered, though we have not seen it yet',
    async () => {
      const { server } = await slowServer()
      const answers = Array.from({ length: 60 }, () => rawGet(server.port, '/slow?ms=5'))
      // Connected is not accepted: the first to be connected starts the stop while the others wait in the backlog.
      const probe = connect(server.port, '127.0.0.1')
      await once(probe, 'connect')
      probe.destroy()
      await server.close()
      const statuses = (await Promise.allSettled(answers)).map((answer) =>
        answer.status === 'fulfilled' ? answer.value.slice(0, 15) : String(answer.reason),
      )
      expect(statuses).toEqual(Array.from({ length: 60 }, () => 'HTTP/1.1 200 OK'))
    },
  )

  test('while it stops, answers let go of their connection and new connections are not taken', async () => {
    const { server, get } = await slowServer()
    const running = get(300)
    await pause(50)
    const stopped = server.close()
    await pause(50)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow('fetch failed')
    expect((await running).headers.get('connection')).toBe('close')
    await stopped
  })

  test('a connection that is kept open without a request does not hold it', async () => {
    const { server, calls } = await slowServer({ graceMs: 5000 })
    const silent = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => silent.once('connect', resolve))
    const closed = new Promise((resolve) => silent.once('close', resolve))
    silent.on('error', () => {})
    const began = performance.now()
    await server.close()
    await closed
    expect(performance.now() - began).toBeLessThan(1000)
    expect(calls).toEqual(['open', 'close'])
  })

  test('as many connections as may be do not hold it', async () => {
    const { server, calls } = await slowServer({ graceMs: 600_000, limits: { connections: 2 } })
    const held = [connect(server.port, '127.0.0.1'), connect(server.port, '127.0.0.1')]
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const closed = held.map((socket) => once(socket.on('error', () => {}).resume(), 'close'))
    await server.close()
    await Promise.all(closed)
    expect(calls).toEqual(['open', 'close'])
  })

  test('a request longer than the grace period is cut, and the database still closes last', async () => {
    const { server, calls, get } = await slowServer({ graceMs: 100 })
    const answer = get(1000).then(
      () => 'answered',
      () => 'cut',
    )
    await pause(50)
    const began = performance.now()
    await server.close()
    expect(performance.now() - began).toBeLessThan(600)
    expect(await answer).toBe('cut')
    expect(calls).toEqual(['open', 'started', 'close'])
  })

  test('a handler whose client has left still finishes before the database closes', async () => {
    const { server, calls } = await slowServer()
    const leaving = new AbortController()
    const answer = fetch(`${server.url}/slow?ms=300`, { signal: leaving.signal }).catch(() => 'left')
    await pause(50)
    leaving.abort()
    expect(await answer).toBe('left')
    await server.close()
    expect(calls).toEqual(['open', 'started', 'answered', 'close'])
  })

  test('closing twice is one stop', async () => {
    const { server, calls, seen } = await slowServer()
    await Promise.all([server.close(), server.close()])
    expect(calls).toEqual(['open', 'close'])
    expect(seen.filter((event) => event.type === 'server.stopped')).toHaveLength(1)
  })
})

describe('readiness on a kept connection', () => {
  test('turns 503 as soon as the stop begins', async () => {
    const { server, get } = await slowServer()
    const running = get(200)
    const kept = connect(server.port, '127.0.0.1')
    let answers = ''
    kept.setEncoding('utf8').on('data', (chunk: string) => (answers += chunk))
    const ended = new Promise((resolve) => kept.once('close', resolve))
    kept.write('GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n')
    await pause(50)
    const stopped = server.close()
    kept.write('GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n')
    await Promise.all([ended, running, stopped])
    expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
  })
})

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'])('%s stops gracefully and ends the process with 0', async (signal) => {
    const signals = new Signals()
    const { calls, seen, get } = await slowServer({ signals })
    const running = get(150)
    await pause(50)
    const ended = signals.ended()
    signals.emit(signal)
    expect((await running).status).toBe(200)
    await ended
    expect(signals.exits).toEqual([0])
    expect(calls).toEqual(['open', 'started', 'answered', 'close'])
    expect(seen).toContainEqual({ type: 'server.stopping', signal })
    expect(signals.listenerCount(signal)).toBe(0)
  })

  test('a database that does not close is told, and the process ends with 1', async () => {
    const signals = new Signals()
    const { backend, seen } = countingBackend({ close: () => Promise.reject(new Error('still busy')) })
    const routes = [{ path: '/a', module: { GET: guarded(async () => new Response()) } }]
    await serve({ backend, routes, port: 0, logs: false, signals })
    const ended = signals.ended()
    signals.emit('SIGTERM')
    await ended
    expect(signals.exits).toEqual([1])
    expect(seen).toContainEqual({ type: 'database.failed', error: new Error('still busy') })
  })

  test('a second signal ends the process at once', async () => {
    const signals = new Signals()
    const { calls, get, server } = await slowServer({ signals, graceMs: 500 })
    const running = get(300).catch(() => null)
    await pause(50)
    signals.emit('SIGINT')
    signals.emit('SIGINT')
    expect(signals.exits).toEqual([130])
    expect(calls).toEqual(['open', 'started'])
    await running
    await server.close()
  })

  test('without the option the process keeps its own signal handling', async () => {
    const before = process.listenerCount('SIGTERM')
    const { server } = await slowServer()
    expect(process.listenerCount('SIGTERM')).toBe(before)
    await server.close()
  })
})
