import type { ServedBackend } from './served-backend.js'

/** Workers that run. */
export interface RunningWorkers {
  /** Takes nothing new, lets what runs end for at most that long (default 10,000 ms), then gives it up. Calling it again waits for the same stop. */
  stop(graceMs?: number): Promise<void>
}

/**
 * Runs what a backend's webhooks and jobs need beside requests, in this process: for a host that is not `serve()`, which does
 * it by itself. Answers `null` where nothing was defined that needs any. Their modules must be loaded by then: import
 * `backend.workers.ts`. Throws where the database lacks the framework's own tables.
 *
 * @example
 * import './backend.workers.js'
 * const workers = await runWorkers(backend)
 * process.once('SIGTERM', () => workers?.stop())
 */
export async function runWorkers(backend: Pick<ServedBackend, 'workers'>): Promise<RunningWorkers | null> {
  const running = await backend.workers?.start()
  return running == null ? null : { stop: (graceMs = 10_000) => running.stop(graceMs) }
}
