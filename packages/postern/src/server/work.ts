import type { LogOptions } from './logs.js'
import { logs } from './logs.js'
import { runWorkers } from './run-workers.js'
import type { ServedBackend } from './served-backend.js'
import { type SignalSource, stopOnSignals } from './signals.js'
import { StartRefused } from './start-refused.js'

/** What `work()` takes. */
export interface WorkOptions {
  readonly backend: ServedBackend
  /** How long what runs may go on after a stop, in milliseconds. Default 10,000. */
  readonly graceMs?: number
  /** Stop on SIGTERM and SIGINT, then end the process. Default false. */
  readonly signals?: boolean | SignalSource
  /** How the log is written; `false` for none. */
  readonly logs?: LogOptions | false
}

/**
 * A process that only works: opens the database, runs the workers of webhooks and jobs, and listens to nobody. Throws a
 * `StartRefused` where there is nothing to run, and then nothing stays open.
 *
 * @example
 * import './backend.workers.js'
 * const worker = await work({ backend, signals: true })
 */
export async function work(options: WorkOptions): Promise<{ close(): Promise<void> }> {
  const { backend, graceMs = 10_000 } = options
  const stopLogging = options.logs === false ? () => {} : backend.events.observe(logs(options.logs))
  const close = async () => {
    await backend.database.close()
    stopLogging()
  }
  const workers = await startOf(backend).catch(async (error: unknown) => {
    await close().catch(() => {})
    throw error
  })
  let removeSignals: (() => void) | undefined
  let stopped: Promise<void> | undefined
  const stop = (signal: string) =>
    (stopped ??= (async () => {
      const began = performance.now()
      backend.events.emit({ type: 'server.stopping', signal })
      await workers.stop(graceMs)
      backend.events.emit({ type: 'server.stopped', ms: performance.now() - began })
      removeSignals?.()
      await close()
    })())
  if (options.signals) removeSignals = stopOnSignals(options.signals === true ? process : options.signals, stop)
  return { close: () => stop('close') }
}

async function startOf(backend: ServedBackend) {
  await backend.database.open()
  const workers = await runWorkers(backend)
  if (workers !== null) return workers
  const hint = 'Import the files that define them in backend.workers.ts, beside backend.ts'
  throw new StartRefused('There is nothing to run: this backend has no webhooks and no jobs', hint)
}
