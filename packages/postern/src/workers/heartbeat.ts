import type { Database } from '../database/database.js'
import { SERVICE } from '../database/identity.js'
import { orMissingTables } from '../database/missing-tables.js'
import { bind, prepared } from '../database/paved/prepared.js'
import type { Schema } from '../database/scope-types.js'
import type { Statement } from '../database/statement.js'

/** How often a process says that its workers run, and for how long that is believed. Several may be lost: a database restarts. */
const BEAT_MS = 10_000
const BELIEVED_S = 35

/**
 * Asks whether a worker of that name runs in any process: one row with one value, `t` or `f`. As the service, and by the
 * database's clock alone, because those of processes differ.
 */
export function runsAnywhere(worker: string): Statement {
  return bind(RUNS, [worker, BELIEVED_S])
}

/**
 * Says in the database, now and every ten seconds, that these workers run in this process. Throws where it can't say it the
 * first time; later failures are told to `onFailure`. The answer says that they run no more.
 */
export async function beat(
  database: Pick<Database<Schema>, 'unit'>,
  {
    id,
    workers,
    onFailure,
  }: { readonly id: string; readonly workers: readonly string[]; readonly onFailure: (error: unknown) => void },
): Promise<() => Promise<void>> {
  const say = () => send(database, [bind(BEAT, [id, workers]), bind(FORGET, [])])
  await say()
  let last: Promise<unknown> = Promise.resolve()
  // It keeps the process alive as well: a process that only works has no socket that would.
  const timer = setInterval(() => (last = say().catch(onFailure)), BEAT_MS)
  return async () => {
    clearInterval(timer)
    await last
    // Where it fails the row is forgotten by its age.
    await send(database, [bind(END, [id])]).catch(onFailure)
  }
}

async function send(database: Pick<Database<Schema>, 'unit'>, statements: readonly Statement[]): Promise<void> {
  const unit = database.unit({ mode: 'statement' })
  try {
    await unit.runAll(SERVICE, statements)
  } catch (error) {
    throw orMissingTables(error)
  } finally {
    await unit.close()
  }
}

const RUNS = prepared(
  'select exists (select from postern.workers where name = $1 and seen_at > clock_timestamp() - make_interval(secs => $2::float8))',
)
const BEAT = prepared(
  `insert into postern.workers (process, name, seen_at) select $1::uuid, unnest($2::text[]), clock_timestamp()
     on conflict (process, name) do update set seen_at = excluded.seen_at`,
)
/** What processes left that were killed. */
const FORGET = prepared(
  `delete from postern.workers where (process, name) = any(
     select process, name from postern.workers where seen_at < clock_timestamp() - interval '1 hour' for update skip locked)`,
)
const END = prepared('delete from postern.workers where process = $1::uuid')
