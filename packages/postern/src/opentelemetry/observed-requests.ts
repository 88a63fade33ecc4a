import {
  type Attributes,
  type Context,
  context,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { Event } from '../events.js'
import { isServerError, measureAttributes, outcomeAttributes, spanAttributes, spanName } from './http-attributes.js'
import { NAME } from './instrumentation-name.js'
import { toException } from './to-exception.js'

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>

interface Observed {
  readonly span: Span
  /** The span's own context: a measure that is taken in it can point to it. */
  readonly here: Context
  readonly measured: Attributes
  isAbandoned: boolean
}

/** The requests that run: a span each, counted while they do, measured when they are over. */
export class ObservedRequests {
  readonly #namesPrincipal: boolean
  // By id, oldest first. A proxy that is believed may give two requests one id: then they end in the order they came.
  readonly #running = new Map<string, Observed[]>()
  #size = 0
  #instruments: Instruments | undefined

  constructor(namesPrincipal: boolean) {
    this.#namesPrincipal = namesPrincipal
  }

  read(event: Event): void {
    if (event.type === 'request.received') this.#begin(event)
    else if (event.type === 'request.failed') this.#latest(event)?.span.recordException(toException(event.error))
    else if (event.type === 'request.abandoned') this.#abandon(event)
    else if (event.type === 'request.answered') this.#end(event)
  }

  /** Ends every span that still runs; what it was for goes on unobserved. */
  endAll(): void {
    for (const id of this.#running.keys()) while (this.#running.has(id)) this.#forget(id)
  }

  #begin(event: Of<'request.received'>): void {
    if (this.#size >= MOST_RUNNING) this.#forget(this.#running.keys().next().value as string)
    const { tracer, active } = (this.#instruments ??= instruments())
    const attributes = spanAttributes(event)
    const span = tracer.startSpan(spanName(event), { kind: SpanKind.SERVER, attributes }, parentOf(event))
    const observed = {
      span,
      here: trace.setSpan(context.active(), span),
      measured: measureAttributes(event),
      isAbandoned: false,
    }
    this.#running.set(event.requestId, [...(this.#running.get(event.requestId) ?? []), observed])
    this.#size += 1
    active.add(1, activeAttributes(observed), observed.here)
  }

  #abandon(event: Of<'request.abandoned'>): void {
    const observed = this.#latest(event)
    if (observed === undefined) return
    observed.isAbandoned = true
    observed.span.addEvent('abandoned')
  }

  #end(event: Of<'request.answered'>): void {
    const observed = this.#take(event.requestId)
    if (observed === undefined) return
    const { span, here, measured, isAbandoned } = observed
    const outcome = outcomeAttributes(event, isAbandoned)
    span.setAttributes(outcome)
    if (this.#namesPrincipal && event.principalId !== null) span.setAttribute('enduser.id', event.principalId)
    if (!isAbandoned && isServerError(event.status)) span.setStatus({ code: SpanStatusCode.ERROR })
    this.#instruments?.duration.record(event.ms / 1000, { ...measured, ...outcome }, here)
    this.#close(observed)
  }

  #latest({ requestId }: { readonly requestId: string }): Observed | undefined {
    return this.#running.get(requestId)?.[0]
  }

  #take(requestId: string): Observed | undefined {
    const [first, ...others] = this.#running.get(requestId) ?? []
    if (others.length > 0) this.#running.set(requestId, others)
    else this.#running.delete(requestId)
    if (first !== undefined) this.#size -= 1
    return first
  }

  #forget(requestId: string): void {
    const observed = this.#take(requestId)
    if (observed !== undefined) this.#close(observed)
  }

  #close(observed: Observed): void {
    this.#instruments?.active.add(-1, activeAttributes(observed), observed.here)
    observed.span.end()
  }
}

type Instruments = ReturnType<typeof instruments>

/** Made by the first request: the API gives a meter that counts nothing to whoever asks before an SDK is registered. */
function instruments() {
  const meter = metrics.getMeter(NAME)
  return {
    tracer: trace.getTracer(NAME),
    duration: meter.createHistogram('http.server.request.duration', {
      description: 'Duration of HTTP server requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDARIES },
    }),
    active: meter.createUpDownCounter('http.server.active_requests', {
      description: 'Number of active HTTP server requests.',
      unit: '{request}',
    }),
  }
}

/** Seconds, as the conventions recommend them: https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** No process answers so many at a time: a request whose end is never told must not fill the memory. */
const MOST_RUNNING = 10_000

/** The span in which the host runs us, else the caller's. */
function parentOf({ traceparent }: Of<'request.received'>): Context {
  const active = context.active()
  if (traceparent === null || trace.getSpan(active) !== undefined) return active
  return propagation.extract(active, { traceparent })
}

/** By the conventions the count of running requests has no route. */
function activeAttributes({ measured }: Observed): Attributes {
  const { 'http.route': _route, ...attributes } = measured
  return attributes
}
