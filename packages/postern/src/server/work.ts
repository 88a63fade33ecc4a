import type { LogOptions } from './logs.js'
import { logs } from './logs.js'
import { type RunningWorkers, runWorkers } from './run-workers.js'
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
  let removeSignals: (() => void) | undefined
  const close = async () => {
    removeSignals?.()
    await backend.database.close()
    stopLogging()
  }
  const start = async () => {
    await backend.database.open()
    // Before anything runs: a signal that comes while the workers begin ends them too, and not just the process.
    removeSignals = stopOnSignals(options.signals, async (signal) => stop(await starting, signal))
    return startWorkers(backend)
  }
  let stopped: Promise<void> | undefined
  const stop = (workers: RunningWorkers, signal: string) =>
    (stopped ??= (async () => {
      const began = performance.now()
      backend.events.emit({ type: 'server.stopping', signal })
      await workers.stop(graceMs)
      backend.events.emit({ type: 'server.stopped', ms: performance.now() - began })
      await close()
    })())

  const starting = start().catch(async (error: unknown) => {
    await close().catch(() => {})
    throw error
  })
  const workers = await starting
  return { close: () => stop(workers, 'close') }
}

async function startWorkers(backend: ServedBackend): Promise<RunningWorkers> {
  const workers = await runWorkers(backend)
  if (workers !== null) return workers
  const hint = 'Import the files that define them in backend.workers.ts, beside backend.ts'
  throw new StartRefused('There is nothing to run: this backend has no webhooks and no jobs', hint)
}
