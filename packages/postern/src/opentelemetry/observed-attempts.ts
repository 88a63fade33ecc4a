import { type Attributes, metrics, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Event } from '../events.js'
import { NAME } from './instrumentation-name.js'
import { toException } from './to-exception.js'

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

/** Attempts at jobs and at events of webhooks: a span and a measure each, when they are over. */
export class ObservedAttempts {
  readonly #namesPrincipal: boolean
  #instruments: Instruments | undefined

  constructor(namesPrincipal: boolean) {
    this.#namesPrincipal = namesPrincipal
  }

  read(event: Event): void {
    if (event.type === 'job.done') this.#tell(ofJob(event, this.#namesPrincipal))
    else if (event.type === 'job.failed' || event.type === 'job.dead') {
      this.#tell(ofJob(event, this.#namesPrincipal), { error: event.error, isLast: event.type === 'job.dead' })
    } else if (event.type === 'webhook.processed') this.#tell(ofWebhook(event))
    else if (event.type === 'webhook.failed') {
      this.#tell(ofWebhook(event), { error: event.error, isLast: event.dead })
    }
  }

  #tell({ name, ms, measured, attributes }: Attempt, failure?: Failure): void {
    const { tracer, duration } = (this.#instruments ??= instruments())
    const now = Date.now()
    // An event of the past has no context: whatever is active where it is told is somebody else's.
    const span = tracer.startSpan(
      `process ${name}`,
      { kind: SpanKind.CONSUMER, startTime: now - ms, attributes: { ...measured, ...attributes } },
      ROOT_CONTEXT,
    )
    const outcome = failure === undefined ? {} : { 'error.type': errorType(failure.error) }
    if (failure !== undefined) {
      span.setAttributes({ ...outcome, 'postern.attempt.last': failure.isLast })
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.recordException(toException(failure.error), now)
    }
    duration.record(ms / 1_000, { ...measured, ...outcome }, trace.setSpan(ROOT_CONTEXT, span))
    span.end(now)
  }
}

interface Attempt {
  readonly name: string
  readonly ms: number
  /** Few values each: every combination is a series of its own. */
  readonly measured: Attributes
  /** Of the span alone. */
  readonly attributes: Attributes
}

interface Failure {
  readonly error: unknown
  readonly isLast: boolean
}

function ofJob(event: Of<'job.done' | 'job.failed' | 'job.dead'>, namesPrincipal: boolean): Attempt {
  const { job, jobId, attempt, principalId, ms } = event
  const whose = namesPrincipal && principalId !== null ? { 'enduser.id': principalId } : {}
  return {
    name: job,
    ms,
    measured: { ...PROCESS, 'messaging.system': 'postern.jobs', 'messaging.destination.name': job },
    attributes: { 'messaging.message.id': jobId, 'postern.attempt': attempt, ...whose },
  }
}

function ofWebhook(event: Of<'webhook.processed' | 'webhook.failed'>): Attempt {
  const { webhook, delivery, eventType, attempt } = event
  return {
    name: webhook,
    ms: event.ms,
    measured: { ...PROCESS, 'messaging.system': 'postern.webhooks', 'messaging.destination.name': webhook },
    attributes: { 'messaging.message.id': delivery, 'postern.event.type': eventType, 'postern.attempt': attempt },
  }
}

const PROCESS = { 'messaging.operation.name': 'process', 'messaging.operation.type': 'process' }

/** The class of the error, which code chose: a message may hold anything and would be a series of its own. */
function errorType(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

type Instruments = ReturnType<typeof instruments>

/** Made by the first attempt, as those of requests are by the first request. */
function instruments() {
  return {
    tracer: trace.getTracer(NAME),
    duration: metrics.getMeter(NAME).createHistogram('messaging.process.duration', {
      description: 'Duration of processing operation.',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
  }
}

/** Seconds, as the conventions recommend them: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/ */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
