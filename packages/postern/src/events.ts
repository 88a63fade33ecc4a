import type { ProblemCode } from './problems.js'

/**
 * Everything that can be observed of a backend, as one union: logs, metrics and traces only read it.
 * Times are milliseconds. `error` is for the log and never leaves the server.
 */
export type Event =
  | {
      readonly type: 'request.received'
      readonly requestId: string
      readonly method: string
      readonly path: string
      /** The protocol that the client spoke, as far as proxies are believed. */
      readonly scheme: 'http' | 'https'
      /** The pattern that the path fits, `/api/invoices/:id`; `null` where nothing fits, or a host does not tell. */
      readonly route: string | null
      /** The caller's span, by W3C Trace Context: the client's word. */
      readonly traceparent: string | null
    }
  | {
      readonly type: 'request.answered'
      readonly requestId: string
      readonly method: string
      readonly path: string
      readonly status: number
      readonly ms: number
      readonly principalId: string | null
      /** Why it was refused; `null` where it was not. */
      readonly code: ProblemCode | null
    }
  | {
      readonly type: 'request.refused'
      readonly requestId: string
      readonly code: ProblemCode
      readonly principalId: string | null
    }
  | { readonly type: 'request.failed'; readonly requestId: string; readonly error: unknown }
  /** The client went away before it was answered; what its transaction had done is undone. */
  | { readonly type: 'request.abandoned'; readonly requestId: string }
  | {
      readonly type: 'log'
      readonly requestId: string
      readonly level: LogLevel
      readonly message: string
      readonly fields?: Fields
    }
  /** Every check has passed, and the endpoint's own function is called. */
  | { readonly type: 'function.called'; readonly requestId: string }
  /** An action is done, and what was cached of these is made anew. */
  | {
      readonly type: 'action.revalidated'
      readonly requestId: string
      readonly paths: readonly string[]
      readonly tags: readonly string[]
    }
  /** A delivery was verified and stored. */
  | {
      readonly type: 'webhook.received'
      readonly requestId: string
      readonly webhook: string
      readonly provider: string
      /** How many events were in it, and how many of those had come before. */
      readonly events: number
      readonly duplicates: number
    }
  /** A delivery was refused: `signature-mismatch`, `timestamp-too-old` … The client is told no more than its code. */
  | {
      readonly type: 'webhook.refused'
      readonly requestId: string
      readonly webhook: string
      readonly provider: string
      readonly reason: string
      /** By how many seconds the signed time is ahead of this machine's clock, where that alone is wrong; `null` otherwise. */
      readonly skewSeconds: number | null
      /** The body is not as long as the client had said: something in front of the webhook changes it. */
      readonly isBodyChanged: boolean
    }
  /** An id came again with other bytes, and was not processed again. */
  | {
      readonly type: 'webhook.differs'
      readonly requestId: string
      readonly webhook: string
      readonly delivery: string
    }
  /** The effects of an event are final. `delivery` is its row in the inbox. */
  | {
      readonly type: 'webhook.processed'
      readonly webhook: string
      readonly delivery: string
      readonly eventType: string
      readonly attempt: number
      readonly ms: number
    }
  /** An attempt failed, and left nothing behind. */
  | {
      readonly type: 'webhook.failed'
      readonly webhook: string
      readonly delivery: string
      readonly eventType: string
      readonly attempt: number
      /** No further attempt is made: a person has to look. */
      readonly dead: boolean
      readonly retryAt: Date | null
      readonly ms: number
      readonly error: unknown
    }
  | { readonly type: 'service.entered'; readonly requestId: string | null; readonly reason: string }
  /**
   * Outside production: one request ran one statement more than a few times. Told when the request is over, once for each
   * such statement; `place` is `file:line:column` of the code that ran it, `null` where that is not known.
   */
  | {
      readonly type: 'database.repeated'
      readonly requestId: string
      /** Its text without values, shortened. */
      readonly statement: string
      readonly times: number
      readonly place: string | null
    }
  | { readonly type: 'database.opened'; readonly database: string; readonly ms: number }
  | { readonly type: 'database.warning'; readonly message: string; readonly hint: string }
  | { readonly type: 'database.failed'; readonly error: unknown }
  /** A job is in the queue: the transaction that enqueued it has committed. */
  | { readonly type: 'job.enqueued'; readonly job: string; readonly jobId: string; readonly principalId: string | null }
  | ({ readonly type: 'job.done' } & JobAttempt)
  /** An attempt failed, and what it did is undone; there will be another. */
  | ({ readonly type: 'job.failed'; readonly error: unknown } & JobAttempt)
  /** The last attempt failed, or another could come to nothing else: the job stays in the queue as failed, and nobody does it. */
  | ({ readonly type: 'job.dead'; readonly error: unknown } & JobAttempt)
  /** Jobs wait that this code does not know: they stay until code does that does. */
  | { readonly type: 'job.unknown'; readonly job: string; readonly waiting: number }
  /** What runs beside requests began, in this process. */
  | { readonly type: 'worker.started'; readonly worker: string }
  | { readonly type: 'worker.stopped'; readonly worker: string }
  /** A worker could not look for work, or could not say that it runs. It tries again. */
  | { readonly type: 'worker.failed'; readonly worker: string; readonly error: unknown }
  | { readonly type: 'server.listening'; readonly url: string }
  /** Requests are refused at the door: told of the first, then every ten seconds while it goes on. `refused` counts those since. */
  | { readonly type: 'server.overloaded'; readonly refused: number }
  | { readonly type: 'server.stopping'; readonly signal: string }
  | { readonly type: 'server.stopped'; readonly ms: number }

/** One attempt at a job that is over. */
interface JobAttempt {
  readonly job: string
  readonly jobId: string
  /** From 1 on. */
  readonly attempt: number
  /** Whose work it is; `null` is the service's. */
  readonly principalId: string | null
  readonly ms: number
}

/** How loud a line of the log is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** What a line of the log carries beside its message. */
export type Fields = Readonly<Record<string, unknown>>
/** Hears events, as they happen. It reads: nothing waits for it, and what it throws is dropped. */
export type Observer = (event: Event) => void

/** Hands each event to every observer. One that throws is not allowed to break the request it watches. */
export class Events {
  readonly #observers = new Set<Observer>()

  /** Whether anybody hears: what only they want to know need not be found out otherwise. */
  get areHeard(): boolean {
    return this.#observers.size > 0
  }

  emit(event: Event): void {
    for (const observe of this.#observers) {
      try {
        observe(event)
      } catch {
        // An observer's failure is the observer's own: the request goes on.
      }
    }
  }

  /** Starts observing; the answer stops it. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }
}
