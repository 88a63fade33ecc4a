import { setTimeout as pause } from 'node:timers/promises'
import { type HandlerRun, type Opened, process, type Processed, type Started } from './attempt.js'
import type { InboxDatabase } from './as-service.js'

/**
 * An attempt, and where its row is locked some more tries: whoever changes the inbox by hand holds rows for a moment, an UPDATE even
 * those that it only looked at. Taken for an attempt on its way, the event would rest until its lease ends. A real one holds the row
 * longer, and what it makes final is found by the next try or left to it.
 */
export async function processWhenFree(
  database: InboxDatabase,
  started: Started,
  handler: HandlerRun,
  opened?: Opened,
): Promise<Processed> {
  let processed = await process(database, started, handler, opened)
  for (const ms of PAUSES_MS) {
    if (processed.kind !== 'elsewhere' || processed.by !== 'row') return processed
    await pause(ms)
    processed = await process(database, started, handler)
  }
  return processed
}

/** Together less than what a lease is longer than the attempt. */
const PAUSES_MS = [50, 200, 800]
