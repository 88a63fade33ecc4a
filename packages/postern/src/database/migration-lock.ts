import { setTimeout as wait } from 'node:timers/promises'
import type { Connection } from './connections.js'
import { run } from './migration-journal.js'

const KEY = "hashtextextended('postern.migrations', 0)"

const FIRST_WAIT_MS = 25
const LONGEST_WAIT_MS = 500

/**
 * Begins a transaction in which no other process migrates. Asks again and again instead of waiting inside PostgreSQL:
 * a statement that waits holds a snapshot, and CREATE INDEX CONCURRENTLY of the process that has the lock waits for
 * every snapshot to go, so the two would wait for each other.
 */
export async function beginAlone(connection: Connection, onWaiting: () => void): Promise<void> {
  await untilTrue(onWaiting, async () => {
    await run(connection, 'begin')
    const { rows } = await run(connection, `select pg_try_advisory_xact_lock(${KEY})`)
    if (rows[0]?.[0] === 't') return true
    await run(connection, 'rollback')
    return false
  })
}

/** The same for work that must not have a transaction: the lock is the session's, and is given back. */
export async function aloneInSession<T>(
  connection: Connection,
  onWaiting: () => void,
  work: () => Promise<T>,
): Promise<T> {
  await untilTrue(onWaiting, async () => {
    const { rows } = await run(connection, `select pg_try_advisory_lock(${KEY})`)
    return rows[0]?.[0] === 't'
  })
  try {
    return await work()
  } finally {
    // A connection that is gone has given it back already.
    await run(connection, `select pg_advisory_unlock(${KEY})`).catch(() => undefined)
  }
}

/**
 * PostgreSQL notices that a client was killed when its statement is done, and until then the lock is held. Asked to, it
 * looks every two seconds; where the platform cannot (Windows, the embedded database) it says so, and nothing is lost.
 */
export async function endWithClient(connection: Connection): Promise<void> {
  await run(connection, "set client_connection_check_interval = '2s'").catch(() => undefined)
}

async function untilTrue(onWaiting: () => void, attempt: () => Promise<boolean>): Promise<void> {
  let told = false
  for (let ms = FIRST_WAIT_MS; !(await attempt()); ms = Math.min(ms * 2, LONGEST_WAIT_MS)) {
    if (!told && ms === LONGEST_WAIT_MS) {
      told = true
      onWaiting()
    }
    await wait(ms)
  }
}
