import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { bank } from '../../test/bank.js'
import { pay } from '../../test/bank-schema.js'
import { delivery, hmacSigner } from '../../test/hmac-signer.js'
import { Events } from '../events.js'
import type { Job } from '../job-type.js'
import { openTelemetry } from './index.js'

const spans = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
let measured: InMemoryMetricExporter
let meters: MeterProvider

beforeEach(() => {
  measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 })
  meters = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(meters)
  trace.setGlobalTracerProvider(provider)
})
afterEach(async () => {
  for (const api of [trace, metrics]) api.disable()
  await meters.shutdown()
  spans.reset()
})

async function points() {
  await meters.forceFlush()
  const all =
    measured
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? []
  const found = all.find(({ descriptor }) => descriptor.name === 'messaging.process.duration')
  return (found?.dataPoints ?? []).map(({ attributes, value }) => ({
    attributes,
    ...(value as { count: number; sum: number }),
  }))
}

let send: Job<{ to: string }>
const it = bank(
  ({ job, webhook, endpoint }) => {
    send = job({ name: 'send', input: z.object({ to: z.string() }), attempts: 2 }, ({ attempt }) => {
      if (attempt === 1) throw Object.assign(new TypeError('the mail server said no'), { password: 'hunter2' })
    })
    return {
      '/pay': webhook({ name: 'acme', from: hmacSigner(), on: { 'payment.made': pay } }),
      '/send': endpoint({}, async ({ defer }) => void (await defer(send, { to: 'hunter2@example.org' }))),
    }
  },
  { on: 'embedded' },
)

test('a job is a span and a measure for each of its attempts, named by what it is and never by what it holds', async () => {
  const stop = openTelemetry(it.backend.events)
  await it.app.as('alice').post('/send')
  expect(await it.app.runJobs()).toMatchObject([{ state: 'done', attempts: 2 }])
  stop()
  const [failed, done] = spans.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CONSUMER)
  expect(failed).toMatchObject({
    name: 'process send',
    status: { code: SpanStatusCode.ERROR },
    attributes: {
      'messaging.system': 'postern.jobs',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'send',
      'messaging.message.id': expect.any(String),
      'postern.attempt': 1,
      'postern.attempt.last': false,
      'error.type': 'TypeError',
    },
    events: [{ name: 'exception', attributes: { 'exception.message': 'the mail server said no' } }],
  })
  expect(done).toMatchObject({
    name: 'process send',
    status: { code: SpanStatusCode.UNSET },
    attributes: { 'postern.attempt': 2 },
  })
  expect(done!.attributes).not.toHaveProperty(['error.type'])
  const told = JSON.stringify([failed!.attributes, failed!.events, done!.attributes, await points()])
  expect(told).not.toContain('hunter2')
  expect(told).not.toContain('alice')
  expect((await points()).map(({ attributes, count }) => [attributes['error.type'], count])).toEqual([
    ['TypeError', 1],
    [undefined, 1],
  ])
})

test('an event of a webhook too, and how long it took is seconds', async () => {
  const stop = openTelemetry(it.backend.events)
  const body = { id: 'otel', type: 'payment.made', data: { account: 'otel', amount: 5 } }
  expect((await it.app.fetch(delivery('/pay', body))).status).toBe(200)
  stop()
  const processed = spans.getFinishedSpans().find(({ kind }) => kind === SpanKind.CONSUMER)!
  expect(processed).toMatchObject({
    name: 'process acme',
    attributes: { 'messaging.system': 'postern.webhooks', 'postern.event.type': 'payment.made', 'postern.attempt': 1 },
  })
  const [seconds, nanoseconds] = processed.duration
  const [point] = await points()
  expect(point!.sum).toBeGreaterThan(0)
  expect(point!.sum).toBeLessThan(60)
  expect(Math.abs(seconds + nanoseconds / 1e9 - point!.sum)).toBeLessThan(0.01)
})

test('the principal is named where that is asked for, and a job that is dead says that it was the last attempt', () => {
  const events = new Events()
  const stop = openTelemetry(events, { principal: true })
  const about = { job: 'send', jobId: '1', attempt: 2, principalId: 'alice', ms: 5 }
  events.emit({ type: 'job.dead', ...about, error: 'no error at all' })
  stop()
  events.emit({ type: 'job.done', ...about })
  expect(spans.getFinishedSpans()).toMatchObject([
    { attributes: { 'enduser.id': 'alice', 'postern.attempt.last': true, 'error.type': 'string' } },
  ])
})

test('without an SDK it records nothing and breaks nothing', () => {
  trace.disable()
  metrics.disable()
  const events = new Events()
  const stop = openTelemetry(events)
  events.emit({ type: 'job.done', job: 'send', jobId: '1', attempt: 1, principalId: null, ms: 5 })
  stop()
  expect(spans.getFinishedSpans()).toEqual([])
})
