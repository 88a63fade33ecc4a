import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createBackend } from '../backend.js'
import { database } from '../database/index.js'
import { type Event, Events } from '../events.js'
import { problem } from '../problems.js'
import { serve, type RunningServer } from '../server/serve.js'
import { openTelemetry } from './index.js'

const spans = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
let measured: InMemoryMetricExporter
let meters: MeterProvider

/** What an SDK brings along: it reads the header of W3C Trace Context. */
const propagator: TextMapPropagator = {
  inject: () => {},
  fields: () => ['traceparent'],
  extract(parent, carrier, getter) {
    const [, traceId = '', spanId = ''] = String(getter.get(carrier, 'traceparent')).split('-')
    return trace.setSpanContext(parent, { traceId, spanId, traceFlags: 1, isRemote: true })
  },
}

/** A new set of instruments each time: what they counted before stays out of it. */
function register(): void {
  measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
  meters = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(meters)
  trace.setGlobalTracerProvider(provider)
  propagation.setGlobalPropagator(propagator)
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
}

async function unregister(): Promise<void> {
  for (const api of [trace, metrics, propagation, context]) api.disable()
  await meters.shutdown()
  spans.reset()
}

const finished = () => spans.getFinishedSpans()

/** Called when a request has come to its function. */
let arrived: () => void = () => {}

const observed = () => {
  const events = new Events()
  return { events, stop: openTelemetry(events) }
}

/** The points of one instrument. */
async function pointsOf(name: string) {
  await meters.forceFlush()
  const all =
    measured
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
  const found = all.find(({ descriptor }) => descriptor.name === name)
  return { descriptor: found?.descriptor, points: found?.dataPoints ?? [] }
}

const secret = Object.assign(new TypeError('the upstream said no'), {
  config: { headers: { authorization: 'Bearer hunter2' } },
  password: 'hunter2',
})

describe('a backend that is served', () => {
  const backend = createBackend({
    database: database({ schema: {}, directory: 'memory://opentelemetry-test' }),
    auth: (request) =>
      request.headers.get('authorization') === 'Alice' ? { id: 'alice', roles: [], claims: {} } : null,
    requestTimeoutMs: 60_000,
  })
  const { endpoint } = backend
  const open = { public: 'a test', unowned: 'a test' }
  const routes = [
    { path: '/api/me', module: { GET: endpoint({ status: 200 }, () => ({ ok: true })) } },
    {
      path: '/api/rooms/[id]/[...rest]',
      module: {
        GET: endpoint(open, () => {
          throw problem('conflict', 'Full')
        }),
        POST: endpoint(open, () => {
          throw secret
        }),
      },
    },
    {
      path: '/api/slow',
      module: {
        GET: endpoint({ public: 'a test' }, async ({ signal }) => {
          arrived()
          await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))
        }),
      },
    },
  ]
  let server: RunningServer
  let stop: () => void
  beforeAll(async () => {
    server = await serve({ backend, routes, port: 0, logs: false })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    register()
    stop = openTelemetry(backend.events)
  })
  afterEach(async () => {
    stop()
    await unregister()
  })
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(server.url + path, init)
    await response.text()
    return response.status
  }

  test('has a span of a server for each request, named by its route', async () => {
    expect(await ask('/api/me?token=hunter2', { headers: { authorization: 'Alice' } })).toBe(200)
    expect(await ask('/api/rooms/7/a/b')).toBe(409)
    expect(await ask('/api/nothing')).toBe(404)
    expect(finished().map(({ name, kind, status, attributes }) => ({ name, kind, status, attributes }))).toEqual([
      {
        name: 'GET /api/me',
        kind: SpanKind.SERVER,
        status: { code: SpanStatusCode.UNSET },
        attributes: {
          'http.request.method': 'GET',
          'url.scheme': 'http',
          'url.path': '/api/me',
          'http.route': '/api/me',
          'http.response.status_code': 200,
        },
      },
      expect.objectContaining({
        name: 'GET /api/rooms/:id/*rest',
        status: { code: SpanStatusCode.UNSET },
        attributes: expect.objectContaining({ 'http.response.status_code': 409, 'url.path': '/api/rooms/7/a/b' }),
      }),
      expect.objectContaining({
        name: 'GET',
        attributes: expect.not.objectContaining({ 'http.route': expect.anything() }),
      }),
    ])
    expect(finished().every(({ attributes }) => !('error.type' in attributes))).toBe(true)
  })

  test('a failure of ours is an error, with its stack and nothing that hangs on it', async () => {
    expect(await ask('/api/rooms/7/a', { method: 'POST' })).toBe(500)
    const [span] = finished()
    expect(span).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'http.response.status_code': 500, 'error.type': 'internal' },
      events: [
        {
          name: 'exception',
          attributes: {
            'exception.type': 'TypeError',
            'exception.message': 'the upstream said no',
            'exception.stacktrace': expect.stringContaining('open-telemetry.test.ts'),
          },
        },
      ],
    })
    expect(JSON.stringify([span!.attributes, span!.events, span!.status])).not.toContain('hunter2')
  })

  test('a request whose client went away ends its span, and is no error', async () => {
    const controller = new AbortController()
    const gone = new Promise<void>((resolve) => (arrived = resolve))
    const asked = ask('/api/slow', { signal: controller.signal }).catch(() => 'gone')
    await gone
    const during = await pointsOf('http.server.active_requests')
    expect(during.points.map(({ value }) => value)).toEqual([1])
    controller.abort()
    expect(await asked).toBe('gone')
    await expect.poll(() => finished().length, { timeout: 30_000 }).toBe(1)
    expect(finished()[0]).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: { 'error.type': 'abandoned' },
      events: [{ name: 'abandoned' }],
    })
    expect(finished()[0]!.attributes).not.toHaveProperty(['http.response.status_code'])
    expect((await pointsOf('http.server.active_requests')).points.map(({ value }) => value)).toEqual([0])
  })

  test('the caller’s span is the parent, and one that is active here goes first', async () => {
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
    await ask('/api/me', { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
    await ask('/api/me', { headers: { traceparent: `00-${traceId}-<script>-01` } })
    const [called, forged] = finished()
    expect(called!.spanContext().traceId).toBe(traceId)
    expect(called!.parentSpanContext).toMatchObject({ spanId, isRemote: true })
    expect(forged!.parentSpanContext).toBeUndefined()

    const host = trace.getTracer('the host').startSpan('the host')
    await context.with(trace.setSpan(context.active(), host), async () => {
      const headers = { traceparent: `00-${traceId}-${spanId}-01` }
      await routes[0]!.module.GET!(new Request('http://localhost/api/me', { headers }))
    })
    expect(finished().at(-1)!.parentSpanContext).toMatchObject({ spanId: host.spanContext().spanId })
  })

  test('measures how long requests take, in seconds, by route and status', async () => {
    await ask('/api/me', { headers: { authorization: 'Alice' } })
    await ask('/api/me', { headers: { authorization: 'Alice' } })
    await ask('/api/rooms/7/a', { method: 'POST' })
    const { descriptor, points } = await pointsOf('http.server.request.duration')
    expect(descriptor).toMatchObject({ unit: 's' })
    const seconds = points.map(({ attributes, value }) => ({ attributes, ...(value as object) }))
    expect(seconds).toEqual([
      expect.objectContaining({
        attributes: {
          'http.request.method': 'GET',
          'http.route': '/api/me',
          'http.response.status_code': 200,
          'url.scheme': 'http',
        },
        count: 2,
        buckets: expect.objectContaining({
          boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        }),
      }),
      expect.objectContaining({
        attributes: expect.objectContaining({ 'http.response.status_code': 500, 'error.type': 'internal' }),
        count: 1,
      }),
    ])
    const { sum } = seconds[0] as unknown as { sum: number }
    // Milliseconds would be a thousand times as many.
    expect(sum).toBeGreaterThan(0)
    expect(sum).toBeLessThan(60)
  })

  test('names the principal only where that is asked for', async () => {
    await ask('/api/me', { headers: { authorization: 'Alice' } })
    stop()
    stop = openTelemetry(backend.events, { principal: true })
    await ask('/api/me', { headers: { authorization: 'Alice' } })
    await ask('/api/me')
    expect(finished().map(({ attributes }) => attributes['enduser.id'])).toEqual([undefined, 'alice', undefined])
    const { points } = await pointsOf('http.server.request.duration')
    expect(JSON.stringify(points)).not.toContain('alice')
  })

  test('when it is stopped hears no more, and leaves no span open', async () => {
    const waiting = new Promise<void>((resolve) => (arrived = resolve))
    const controller = new AbortController()
    const asked = ask('/api/slow', { signal: controller.signal }).catch(() => 'gone')
    await waiting
    stop()
    expect(finished()).toHaveLength(1)
    expect((await pointsOf('http.server.active_requests')).points.map(({ value }) => value)).toEqual([0])
    controller.abort()
    await asked
    await ask('/api/me')
    expect(finished()).toHaveLength(1)
  })
})

const received = (requestId: string, method = 'GET'): Event => ({
  type: 'request.received',
  requestId,
  method,
  path: '/',
  scheme: 'http',
  route: null,
  traceparent: null,
})
const answered = (requestId: string, status = 200): Event => ({
  type: 'request.answered',
  requestId,
  method: 'GET',
  path: '/',
  status,
  ms: 1,
  principalId: null,
  code: null,
})

describe('events that no server would tell', () => {
  beforeEach(register)
  afterEach(unregister)

  test('two requests of one id are two spans', () => {
    const { events } = observed()
    for (const event of [received('a'), received('a'), answered('a'), answered('a', 503)]) events.emit(event)
    const statuses = spans.getFinishedSpans().map(({ attributes }) => attributes['http.response.status_code'])
    expect(statuses).toEqual([200, 503])
  })

  test('ends and failures of requests that nobody saw begin are let go', () => {
    const { events } = observed()
    events.emit(answered('a'))
    events.emit({ type: 'request.failed', requestId: 'a', error: new Error('late') })
    expect(spans.getFinishedSpans()).toEqual([])
  })

  test('requests whose end is never told do not pile up', () => {
    const { events, stop } = observed()
    for (let index = 0; index < 10_100; index += 1) events.emit(received(`r${index}`))
    expect(spans.getFinishedSpans()).toHaveLength(100)
    stop()
    expect(spans.getFinishedSpans()).toHaveLength(10_100)
  })

  test('a method that a client made up is no series of its own', async () => {
    const { events } = observed()
    events.emit(received('a', 'BREW'))
    events.emit(answered('a'))
    expect(spans.getFinishedSpans()[0]).toMatchObject({
      name: 'HTTP',
      attributes: { 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' },
    })
    expect(JSON.stringify((await pointsOf('http.server.request.duration')).points)).not.toContain('BREW')
  })

  test('what is thrown and is no error is recorded by its text', () => {
    const { events } = observed()
    events.emit(received('a'))
    events.emit({ type: 'request.failed', requestId: 'a', error: { password: 'hunter2' } })
    events.emit(answered('a', 500))
    const [span] = spans.getFinishedSpans()
    expect(span!.events[0]!.attributes).toEqual({ 'exception.type': 'object', 'exception.message': '[object Object]' })
    expect(span!.attributes).toMatchObject({ 'error.type': '500' })
  })
})

test('an SDK that is registered later, before the first request, is used all the same', async () => {
  const events = new Events()
  const stop = openTelemetry(events)
  register()
  for (const event of [received('a'), answered('a')]) events.emit(event)
  expect(spans.getFinishedSpans()).toHaveLength(1)
  expect((await pointsOf('http.server.request.duration')).points).toHaveLength(1)
  stop()
  await unregister()
})

test('without an SDK it records nothing and breaks nothing', () => {
  const events = new Events()
  const heard: Event[] = []
  const stop = openTelemetry(events)
  events.observe((event) => void heard.push(event))
  for (const event of [received('a'), answered('a'), received('b')]) events.emit(event)
  stop()
  expect(heard).toHaveLength(3)
})
