import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.js'
import type { Schema } from '../database/scope-types.js'
import type { Events } from '../events.js'
import { beat } from './heartbeat.js'
import type { RunningWorker, Worker } from './worker.js'

/** Starts workers on a database, all or none: where one can't start, those that did are stopped, and its error is thrown. */
export async function startWorkers(
  workers: readonly Worker[],
  { database, events }: { readonly database: Pick<Database<Schema>, 'unit'>; readonly events: Events },
): Promise<RunningWorker> {
  const running: { readonly name: string; readonly worker: RunningWorker }[] = []
  const names = workers.map(({ name }) => name)
  const process = randomUUID()
  // First, because it fails at once on a database without the framework's tables.
  const rest = await beat(database, {
    id: process,
    workers: names,
    onFailure: (error) => events.emit({ type: 'worker.failed', worker: names.join(), error }),
  })
  const stop = async (graceMs: number) => {
    const ends = running.map(async ({ name, worker }) => {
      try {
        await worker.stop(graceMs)
        events.emit({ type: 'worker.stopped', worker: name })
      } catch (error) {
        events.emit({ type: 'worker.failed', worker: name, error })
      }
    })
    await Promise.all(ends)
    // Last: what a process has that says no more that it lives is given to others.
    await rest()
  }
  try {
    for (const worker of workers) {
      running.push({ name: worker.name, worker: await worker.start({ process }) })
      events.emit({ type: 'worker.started', worker: worker.name })
    }
  } catch (error) {
    await stop(0)
    throw error
  }
  let stopping: Promise<void> | undefined
  return { stop: (graceMs) => (stopping ??= stop(graceMs)) }
}
