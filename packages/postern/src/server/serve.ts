import { watchConnections } from './connections.js'
import { createApp, type AppOptions, trustedProxies } from './create-app.js'
import { Lifecycle } from './lifecycle.js'
import { createHttpServer, listen, urlOf } from './listen.js'
import { logs, type LogOptions } from './logs.js'
import { requestListener } from './request-listener.js'
import { stopServer } from './shutdown.js'
import { stopOnSignals, type SignalSource } from './signals.js'

/** What `serve()` takes. */
export interface ServeOptions extends AppOptions {
  /** 0 takes any free port; the answer says which. */
  readonly port: number
  /** Default `127.0.0.1`: only this machine. A container wants `0.0.0.0`. */
  readonly hostname?: string
  /** How long running requests may go on after a stop, in milliseconds. Default 10,000. */
  readonly graceMs?: number
  /** Stop on SIGTERM and SIGINT, then end the process. Default false. */
  readonly signals?: boolean | SignalSource
  /** How the log is written; `false` for none. */
  readonly logs?: LogOptions | false
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string
  readonly port: number
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
  const { backend, port, hostname = '127.0.0.1', graceMs = 10_000 } = options
  const { events, database } = backend
  const lifecycle = new Lifecycle('starting')
  const app = createApp(options, lifecycle)
  const stopLogging = options.logs === false ? () => {} : events.observe(logs(options.logs))

  const server = createHttpServer(
    requestListener((request) => app.fetch(request), { trustProxy: trustedProxies(options) }),
  )
  const connections = watchConnections(server)
  const boundPort = await startOrUndo(
    async () => {
      await database.open()
      return listen(server, port, hostname)
    },
    async () => {
      stopLogging()
      await database.close()
    },
  )
  const url = urlOf(hostname, boundPort)
  lifecycle.become('ready')
  events.emit({ type: 'server.listening', url })

  let stopped: Promise<void> | null = null
  const stop = (signal: string) =>
    (stopped ??= (async () => {
      const began = performance.now()
      events.emit({ type: 'server.stopping', signal })
      try {
        await stopServer({ server, connections, lifecycle, graceMs, closeDatabase: () => database.close() })
        events.emit({ type: 'server.stopped', ms: performance.now() - began })
      } catch (error) {
        events.emit({ type: 'database.failed', error })
        throw error
      } finally {
        removeSignals()
        stopLogging()
      }
    })())

  const removeSignals = installSignals(options.signals, stop)
  return { url, port: boundPort, close: () => stop('close') }
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

function installSignals(signals: ServeOptions['signals'], stop: (signal: string) => Promise<void>): () => void {
  if (!signals) return () => {}
  return stopOnSignals(signals === true ? process : signals, stop)
}
