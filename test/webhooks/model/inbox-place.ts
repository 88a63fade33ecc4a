import { Client } from 'pg'
import { connectionsFor } from '../../../packages/postern/src/database/place.js'
import type { Share } from '../../../packages/postern/src/database/registry.js'
import { createTestDatabase } from '../../support/postgres.js'
import { prepareBank } from '../bank-place.js'
import type { Seen } from './reference.js'

/** A database whose clock goes as it is told to, looked at from outside. */
export interface InboxPlace {
  readonly share: Share
  /** What is in the inbox, with the effects of each event. */
  look(): Promise<readonly Seen[]>
  /** The clock leaps, ahead or back. */
  leap(seconds: number): Promise<void>
  /** Says that a worker runs somewhere, or that none does. */
  ownedByWorkers(isOwned: boolean): Promise<void>
  /** Statements that wait for a lock of another's transaction: `null` where none does. */
  waitsForLock(): Promise<string | null>
  /** An empty inbox, at the hour that it is. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function inboxPlace(): Promise<InboxPlace> {
  const place = await createTestDatabase()
  await prepareBank(place)
  const client = new Client({ connectionString: place.adminUrl })
  await client.connect()
  const sql = async (text: string, values: unknown[] = []) =>
    (await client.query<Record<string, unknown>>(text, values)).rows
  await client.query(CLOCK)
  await client.query(`alter database ${place.name} set search_path = model, pg_catalog, public`)
  const share = connectionsFor({ url: place.url, poolSize: 16 })
  return {
    share,
    async look() {
      return (await sql(LOOK)) as unknown as Seen[]
    },
    async leap(seconds) {
      await sql('update model.clock set ahead = ahead + make_interval(secs => $1)', [seconds])
    },
    async ownedByWorkers(isOwned) {
      await sql('delete from postern.workers')
      if (isOwned)
        await sql(
          `insert into postern.workers (process, name, seen_at) values (gen_random_uuid(), 'webhooks', 'infinity')`,
        )
    },
    async waitsForLock() {
      const [waiting] = await sql(WAITING)
      return waiting === undefined ? null : String(waiting['query']).replaceAll(/\s+/g, ' ').slice(0, 100)
    },
    async clear() {
      await client.query(`truncate postern.webhook_inbox, entries; update model.clock set ahead = '0'`)
    },
    async close() {
      await share.close()
      await client.end()
      await place.drop()
    },
  }
}

/**
 * Times are PostgreSQL's alone, so the functions that tell it are put before its own. Chance in a statement (the jitter) would make one
 * seed two schedules.
 */
const CLOCK = `
create schema model;
grant usage on schema model to public;
create table model.clock (ahead interval not null);
insert into model.clock values ('0');
grant select on model.clock to public;
create function model.now() returns timestamptz stable language sql as 'select pg_catalog.now() + ahead from model.clock';
create function model.clock_timestamp() returns timestamptz volatile language sql
  as 'select pg_catalog.clock_timestamp() + ahead from model.clock';
create function model.random() returns float8 volatile language sql as 'select 0.5::float8'`

const LOOK = `
select w.id, w.endpoint, w.dedupe_key as "dedupeKey", encode(w.body_sha256, 'hex') as "bodySha256", w.status, w.attempts,
  w.max_attempts as "maxAttempts", w.seq::int, w.ordering_key as "orderingKey", w.event is not null as "hasEvent",
  coalesce(w.keep_until < now() + (select ahead from model.clock), false) as "mayGo",
  (select count(*) from entries e where e.event = w.id::text)::int as effects
from postern.webhook_inbox w order by w.seq`

const WAITING = `select query from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and state = 'active' limit 1`
