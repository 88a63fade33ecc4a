import pino, { type DestinationStream, type Logger } from 'pino'
import { isColorSupported, prettyFactory } from 'pino-pretty'
import type { Event, LogLevel, Observer } from '../events.js'
import { describeError, redact } from './redact.js'
import { visibleText } from './visible-text.js'

/** How the log is written. */
export interface LogOptions {
  /** The least that is written. Default `info`. */
  readonly level?: LogLevel
  /** How loud `database opened` and `listening on` are: `debug` where something else greets. Default `info`. */
  readonly startLevel?: LogLevel
  /** For a person instead of a machine. Default: on a terminal, unless `NODE_ENV` is `production`. */
  readonly pretty?: boolean
  /** Where lines go. Default: standard output. */
  readonly destination?: DestinationStream
}

/**
 * A reader of events that writes the log: one line per answered request, with the code of what refused it, failures with stack
 * and cause under the id that the client was told. No query string or body is ever in an event of a request, and of its
 * headers only `traceparent`, which is not written.
 *
 * @example
 * const stop = events.observe(logs({ level: 'debug' }))
 */
export function logs(options: LogOptions = {}): Observer {
  const forPeople = options.pretty ?? (process.stdout.isTTY === true && process.env['NODE_ENV'] !== 'production')
  const logger = createLogger(options, forPeople)
  return (event) => {
    const line = toLine(event, options.startLevel ?? 'info')
    if (!line || !logger.isLevelEnabled(line.level)) return
    const { fields, message } = forPeople ? (visibleText(line) as Line) : line
    logger[line.level](fields, message)
  }
}

interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: Record<string, unknown>
}

function createLogger(options: LogOptions, forPeople: boolean): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true })
  const stream = forPeople ? prettyStream(destination) : destination
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors arrive described and redacted; pino's own serializer would take them for errors once more.
      serializers: { err: (described: unknown) => described },
    },
    stream,
  )
}

/**
 * Written in the same tick, so that the last line before the process ends is not lost. pino-pretty's own stream is not,
 * and as a transport it is a worker thread with a file of its own, which bundlers leave behind.
 */
function prettyStream(destination: DestinationStream): DestinationStream {
  const prettify = prettyFactory({
    ignore: ['pid', 'hostname', ...TOLD_BY_MESSAGE].join(),
    translateTime: 'HH:MM:ss',
    singleLine: true,
    colorize: isColorSupported,
  })
  return { write: (json) => destination.write(prettify(json)) }
}

// A person reads one line an event; these are in its words already. Machines get them as fields.
const TOLD_BY_MESSAGE = [
  'method',
  'path',
  'status',
  'ms',
  'code',
  'reason',
  'url',
  'signal',
  'refused',
  'worker',
  'webhook',
  'eventType',
  'attempt',
  'job',
  'waiting',
  'statement',
  'times',
  'place',
]

function toLine(event: Event, startLevel: LogLevel): Line | null {
  switch (event.type) {
    case 'request.received':
      return lineOf('debug', 'request received', pick(event, 'requestId', 'method', 'path'))
    case 'request.answered': {
      const fields = pick(event, 'requestId', 'method', 'path', 'status', 'principalId')
      const { method, path, status, code } = event
      const message = `${method} ${path} ${status}${code === null ? '' : ` ${code}`} in ${rounded(event.ms)} ms`
      return lineOf('info', message, { ...fields, ms: rounded(event.ms), ...(code === null ? {} : { code }) })
    }
    case 'request.refused':
      // Its answer says the same a moment later; this one tells when.
      return lineOf('debug', `refused: ${event.code}`, pick(event, 'requestId', 'code', 'principalId'))
    case 'request.abandoned':
      return lineOf('info', 'the client went away', pick(event, 'requestId'))
    case 'request.failed':
      return lineOf('error', 'request failed', { requestId: event.requestId, err: describeError(event.error) })
    case 'log':
      // The framework's own id stands last: a field of the same name must not replace it.
      return lineOf(event.level, event.message, { ...fieldsOf(event.fields), requestId: event.requestId })
    case 'service.entered':
      return lineOf('info', `as service: ${event.reason}`, pick(event, 'requestId', 'reason'))
    case 'database.repeated': {
      const { times, statement, place } = event
      const message = `one request ran a statement ${times} times${place === null ? '' : `, at ${place}`}: ${statement}`
      const hint = 'Read related rows by `with`, or all of them in one statement: inArray(…), values([…])'
      return lineOf('warn', message, { ...pick(event, 'requestId', 'statement', 'times', 'place'), hint })
    }
    case 'database.opened':
      return lineOf(startLevel, `database opened: ${event.database}`, { ms: rounded(event.ms) })
    case 'database.warning':
      return lineOf('warn', event.message, pick(event, 'hint'))
    case 'database.failed':
      return lineOf('error', 'database failed', { err: describeError(event.error) })
    case 'job.enqueued':
      return lineOf('debug', `job enqueued: ${event.job}`, pick(event, 'job', 'jobId', 'principalId'))
    case 'job.done':
      return lineOf('info', `job ${event.job} done in ${rounded(event.ms)} ms`, attemptOf(event))
    case 'job.failed': {
      const fields = { ...attemptOf(event), err: describeError(event.error) }
      return lineOf('warn', `job ${event.job} failed, attempt ${event.attempt}`, fields)
    }
    case 'job.dead': {
      const hint = 'It stays in pgboss.job as failed; docs/jobs.md says how to send it again'
      const fields = { ...attemptOf(event), err: describeError(event.error), hint }
      return lineOf('error', `job ${event.job} is dead after attempt ${event.attempt}`, fields)
    }
    case 'job.unknown': {
      const hint = 'A deploy took its definition away, or backend.workers.ts does not import it'
      return lineOf('warn', `jobs wait that nobody here knows: ${event.waiting} of ${event.job}`, {
        ...pick(event, 'job', 'waiting'),
        hint,
      })
    }
    case 'worker.started':
    case 'worker.stopped': {
      const [, what] = event.type.split('.')
      return lineOf(startLevel, `worker ${what}: ${event.worker}`, pick(event, 'worker'))
    }
    case 'worker.failed':
      return lineOf('error', `worker failed: ${event.worker}`, {
        worker: event.worker,
        err: describeError(event.error),
      })
    case 'webhook.received':
      return lineOf('debug', `webhook ${event.webhook}: received`, {
        ...pick(event, 'requestId', 'webhook', 'events', 'duplicates'),
      })
    case 'webhook.refused': {
      const { webhook, reason, skewSeconds, isBodyChanged } = event
      const hint = refusedHint(skewSeconds, isBodyChanged)
      const message = `webhook ${webhook}: refused: ${reason}`
      return lineOf('warn', message, { ...pick(event, 'requestId', 'webhook', 'provider', 'reason'), ...hint })
    }
    case 'webhook.differs':
      return lineOf('warn', `webhook ${event.webhook}: an id came again with other bytes, and was not processed`, {
        ...pick(event, 'requestId', 'webhook', 'delivery'),
      })
    case 'webhook.processed': {
      const message = `webhook ${event.webhook}: ${event.eventType} done in ${rounded(event.ms)} ms`
      return lineOf('info', message, {
        ...pick(event, 'webhook', 'delivery', 'eventType', 'attempt'),
        ms: rounded(event.ms),
      })
    }
    case 'webhook.failed': {
      const { webhook, eventType, attempt, dead, retryAt } = event
      const next = dead ? 'dead' : retryAt === null ? 'to be tried again' : `again at ${retryAt.toISOString()}`
      const message = `webhook ${webhook}: attempt ${attempt} of ${eventType} failed, ${next}`
      return lineOf(dead ? 'error' : 'warn', message, {
        ...pick(event, 'webhook', 'delivery', 'eventType', 'attempt', 'dead'),
        err: describeError(event.error),
      })
    }
    case 'server.listening':
      return lineOf(startLevel, `listening on ${event.url}`, pick(event, 'url'))
    case 'server.overloaded':
      return lineOf('warn', `overloaded: requests refused: ${event.refused}`, pick(event, 'refused'))
    case 'server.stopping':
      return lineOf('info', `stopping (${event.signal})`, pick(event, 'signal'))
    case 'server.stopped':
      return lineOf('info', 'stopped', { ms: rounded(event.ms) })
    default:
      return null
  }
}

function refusedHint(skewSeconds: number | null, isBodyChanged: boolean): { readonly hint?: string } {
  if (isBodyChanged) return { hint: 'The body is not as long as its sender says: something in front changes it' }
  if (skewSeconds === null) return {}
  return { hint: `The signature holds, its time is ${skewSeconds} s ahead of this machine’s: look at the clock` }
}

function lineOf(level: LogLevel, message: string, fields: Record<string, unknown>): Line {
  return { level, message, fields }
}

function pick<E extends Event, K extends keyof E>(event: E, ...keys: K[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, event[key]]))
}

/** A `log` event's fields under one name: at the top they could pass for `level`, `time` or `msg`. */
function fieldsOf(fields: unknown): Record<string, unknown> {
  return fields === undefined ? {} : { fields: redact(fields) }
}

function attemptOf(
  event: Extract<Event, { readonly jobId: string; readonly attempt: number }>,
): Record<string, unknown> {
  return { ...pick(event, 'job', 'jobId', 'attempt', 'principalId'), ms: rounded(event.ms) }
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
