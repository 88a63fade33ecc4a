import type { Events } from '../events.js'
import { ObservedAttempts } from './observed-attempts.js'
import { ObservedRequests } from './observed-requests.js'

/** What `openTelemetry` takes beside the events. */
export interface OpenTelemetryOptions {
  /**
   * Names the principal on its spans, as `enduser.id`. Default false: traces are kept and read by more people than the
   * database is, and an id is personal data.
   */
  readonly principal?: boolean
}

/**
 * Reads a backend's events as OpenTelemetry's spans and metrics, by the stable semantic conventions for HTTP servers: a
 * span of kind SERVER for each request, `http.server.request.duration` in seconds and `http.server.active_requests`; and for each
 * attempt at a job or at an event of a webhook, by the conventions for messaging, which are in development: a span of kind CONSUMER
 * when it is over, and `messaging.process.duration`. The answer stops it, and ends what still runs. They go to whatever SDK is registered with `@opentelemetry/api`, which
 * must be installed; without an SDK nothing is recorded.
 *
 * A span's parent is the span that is active when the request arrives, else the one that `traceparent` names, where the
 * SDK has a propagator that reads it.
 *
 * **Security:** a query string, a body and any header but `traceparent` are never in an event, so they are in no span. Of an error its name,
 * message and stack are recorded, as the log shows them, and none of the fields that libraries hang on it.
 * `traceparent` is the client's word: take the propagator away where clients must not choose what is sampled.
 *
 * @example
 * const stop = openTelemetry(backend.events)
 */
export function openTelemetry(events: Pick<Events, 'observe'>, options: OpenTelemetryOptions = {}): () => void {
  const requests = new ObservedRequests(options.principal ?? false)
  const attempts = new ObservedAttempts(options.principal ?? false)
  const stop = events.observe((event) => {
    requests.read(event)
    attempts.read(event)
  })
  return () => {
    stop()
    requests.endAll()
  }
}
