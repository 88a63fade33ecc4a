import { randomUUID } from 'node:crypto'
import type { Event, Events } from '../events.js'
import { type Limits, limitsOf } from '../limits.js'
import type { Problem } from '../problems.js'
import { answerBrokenRequests } from './broken-requests.js'
import { watchConnections } from './connections.js'
import type { AppOptions } from './app-options.js'
import { Door } from './door.js'
import { createHttpServer, listen, urlOf } from './listen.js'
import { logs, type LogOptions } from './logs.js'
import { refusalParts, type RefusalParts } from './refusal-parts.js'
import { ReplaceableCode } from './replaceable-code.js'
import { expectationListener, requestListener } from './request-listener.js'
import { stopServer } from './shutdown.js'
import { type SignalSource, stopOnSignals } from './signals.js'

/** What `serve()` takes. */
export interface ServeOptions extends AppOptions {
  /** 0 takes any free port; the answer says which. */
  readonly port: number
  /** Default `127.0.0.1`: only this machine. A container wants `0.0.0.0`. */
  readonly hostname?: string
  /** How long running requests may go on after a stop, in milliseconds. Default 10,000. */
  readonly graceMs?: number
  /**
   * The most requests in flight; one more is refused with 503. Default: no limit, because a function that waits for somebody
   * else's server holds little here, and slow senders could use the limit up for everybody. What is refused without it: new
   * requests while many have waited for a database connection for a while.
   */
  readonly maxInFlight?: number
  /** Stop on SIGTERM and SIGINT, then end the process. Default false. */
  readonly signals?: boolean | SignalSource
  /** How the log is written; `false` for none. */
  readonly logs?: LogOptions | false
  /** `false` leaves what webhooks and jobs need beside requests to other processes: `postern start --worker`. Default true. */
  readonly workers?: boolean
  /** What one client may take of the server; goes before what the backend was told. docs/limits.md has them all. */
  readonly limits?: Partial<Limits>
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  readonly port: number
  /**
   * Serves other code on the same socket, for development. From the call on, new requests wait until `load` has answered;
   * those that run finish on the old code, whose database handle is closed then. Where `load` throws or answers null,
   * where the routes are refused or the database can't be opened, the old code goes on, and the error is thrown here.
   *
   * @example
   * await server.replace(async () => ({ backend: next.backend, routes: next.routes }))
   */
  replace(load: () => Promise<AppOptions | null>): Promise<void>
  /** Stops gracefully: running requests finish, then the database closes. Calling it again waits for the same stop. */
  close(): Promise<void>
}

/**
 * Serves routes on a socket: refuses what nothing guards, opens the database, listens. Health is at `/healthz` and
 * `/readyz`. Throws an error with a `hint` where it can't start, and then nothing listens and nothing stays open.
 *
 * @example
 * const server = await serve({ backend, routes: [{ path: '/api/invoices', module: invoices }], port: 3000 })
 * console.log(server.url)
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { port, hostname = '127.0.0.1', graceMs = 10_000, maxInFlight = Infinity } = options
  if (!(maxInFlight >= 1)) throw new TypeError('maxInFlight takes a number from 1 on')
  const code = new ReplaceableCode(options, {
    log: options.logs === false ? null : logs(options.logs),
    runsWorkers: options.workers !== false,
    graceMs,
  })

  const limits = limitsOf(options.limits, code.backend.limits)
  const toParts = (refusal: Problem) => refuseUnread(refusal, code.backend.events)
  const server = createHttpServer(limits)
  const connections = watchConnections(server, toParts)
  answerBrokenRequests(server, connections)
  const door = new Door(code, maxInFlight)
  const listening = { served: code, limits, connections, toParts, door }
  server.on(
    'request',
    requestListener((request) => code.fetch(request), listening),
  )
  server.on('checkExpectation', expectationListener(listening))
  let removeSignals: (() => void) | undefined
  const starting = startOrUndo(
    async () => {
      await code.backend.database.open()
      // Before anything runs: a signal that comes while the server starts stops what has begun, and not just the process.
      removeSignals = stopOnSignals(options.signals, async (signal) => {
        await starting
        await stop(signal)
      })
      // Before it listens: whether workers run decides what is answered.
      await code.startWorkers()
      return listen(server, port, hostname)
    },
    async () => {
      removeSignals?.()
      code.stopLogging()
      await code.close()
    },
  )
  const boundPort = await starting
  const url = urlOf(hostname, boundPort)
  code.become('ready')
  const emit = (event: Event) => code.backend.events.emit(event)
  emit({ type: 'server.listening', url })

  let stopped: Promise<void> | null = null
  const stop = (signal: string) =>
    (stopped ??= (async () => {
      const began = performance.now()
      emit({ type: 'server.stopping', signal })
      try {
        // At once: what they would begin now could not be ended in time.
        void code.stopWorkers()
        await stopServer({ server, connections, lifecycle: code, graceMs, closeDatabase: () => code.close() })
        emit({ type: 'server.stopped', ms: performance.now() - began })
      } catch (error) {
        emit({ type: 'database.failed', error })
        throw error
      } finally {
        removeSignals?.()
        door.close()
        code.stopLogging()
      }
    })())

  return { url, port: boundPort, replace: (load) => code.replace(load), close: () => stop('close') }
}

/** What is refused before it is a request has no path for the log; observers hear of it by its code. */
function refuseUnread(refusal: Problem, events: Events): RefusalParts {
  const requestId = randomUUID()
  events.emit({ type: 'request.refused', requestId, code: refusal.code, principalId: null })
  return refusalParts(refusal, requestId)
}

/** A start that fails leaves nothing behind: an embedded database kept open would lock the next attempt out. */
async function startOrUndo<T>(start: () => Promise<T>, undo: () => Promise<void>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    await undo().catch(() => {})
    throw error
  }
}
