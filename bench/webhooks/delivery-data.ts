import { applyMigrations, database } from 'postern/database'
import { schemaSql } from '../../packages/postern/test/schema-sql.js'
import { postgresCpu } from '../postgres-cpu.js'
import { type MadeDatabase, makeDatabase, PLAIN } from '../make-database.js'
import { ORDERS } from './deliveries.js'
import { orders } from './schema.js'

/** The database that all servers share, and how it is reached. */
export interface DeliveryData extends Pick<MadeDatabase, 'guardedUrl' | 'plainUrl'> {
  /** Takes away what deliveries have left behind. */
  reset(): Promise<void>
  /** How many events are marked as done, and how many orders are paid by an event of their own: seen at one moment. */
  effects(): Promise<{ readonly done: number; readonly paid: number }>
  /** What PostgreSQL's processes have computed so far, where the system tells. */
  cpu(): Promise<number | null>
  close(): Promise<void>
}

/** Makes the database on a server that is fresh. */
export async function prepareDeliveryData(adminUrl: string): Promise<DeliveryData> {
  const { admin, ownerUrl, ...urls } = await makeDatabase(adminUrl)
  const db = database({ schema: { orders }, url: urls.guardedUrl, migrationUrl: ownerUrl })
  const script = await schemaSql({ orders })
  await db.asOwner((owner) => owner.script(script))
  await applyMigrations(db, '/nowhere/at/all')
  await db.close()
  await admin.query(ROWS)
  const { rows } = await admin.query<{ pid: number }>('select pg_backend_pid() as pid')
  return {
    ...urls,
    async reset() {
      await admin.query(RESET)
      for (const table of TABLES) await admin.query(`vacuum (analyze) ${table}`)
    },
    async effects() {
      const seen = await admin.query<{ done: number; paid: number }>(EFFECTS)
      return seen.rows[0]!
    },
    cpu: () => postgresCpu(rows[0]!.pid),
    close: () => admin.end(),
  }
}

const TABLES = ['orders', 'webhook_events', 'postern.webhook_inbox']

// Autovacuum would clean up after one server while the next is measured: `reset` does it between them.
const ROWS = `
  create table webhook_events (id text primary key, type text not null, received_at timestamptz not null default now());
  grant usage on schema public to ${PLAIN};
  grant select, insert on webhook_events to ${PLAIN};
  grant select, update on orders to ${PLAIN};
  insert into orders (owner_id, number) select 'user-' || n % 1000, 'A-' || n from generate_series(1, ${ORDERS}) n;
  ${TABLES.map((table) => `alter table ${table} set (autovacuum_enabled = off);`).join('\n  ')}
  analyze orders;`

// In one transaction: a delivery that nobody waits for any more may still be at work.
const RESET = `begin; truncate webhook_events, postern.webhook_inbox;
  update orders set paid_by = null where paid_by is not null; commit`

const EFFECTS = `select
  (select count(*) from webhook_events)::int + (select count(*) from postern.webhook_inbox where status = 'succeeded')::int as done,
  (select count(distinct paid_by) from orders)::int as paid`
