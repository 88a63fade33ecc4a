import { PG_BOSS_TABLES, PG_BOSS_VERSION } from './pg-boss-tables.js'

const PG_BOSS_NAMES = ['version', 'queue', 'schedule', 'subscription', 'job', 'archive'] as const

/** One step of what the framework keeps for itself. Each statement stands alone, without its semicolon. */
export interface OwnMigration {
  readonly name: string
  readonly statements: readonly string[]
}

/**
 * The tables of the framework, in the schema `postern`: the only home of their SQL, in the order in which a database gets
 * them. One that was released is never changed: append another.
 */
export const OWN_MIGRATIONS: readonly OwnMigration[] = [
  {
    name: 'idempotent-replies',
    statements: [
      // A path may be longer than what fits an index (2,704 bytes), so the key is a digest.
      `create table postern.idempotent_replies (
         scope bytea primary key check (octet_length(scope) = 32),
         principal_id text not null,
         request bytea not null check (octet_length(request) = 32),
         status smallint not null,
         headers json not null,
         body bytea,
         stored_at timestamptz(3) not null default now(),
         expires_at timestamptz(3) not null)`,
      'create index idempotent_replies_expires_at on postern.idempotent_replies (expires_at)',
      ...forTheServiceAlone('postern.idempotent_replies'),
    ],
  },
  {
    name: 'rate-limits',
    statements: [
      // Microseconds since 1970, by the database's clock: a timestamptz(3) would round limits of more than a thousand a second.
      `create table postern.rate_limits (
         key bytea primary key check (octet_length(key) = 32),
         full_at bigint not null,
         passed boolean not null)`,
      'create index rate_limits_full_at on postern.rate_limits (full_at)',
      ...forTheServiceAlone('postern.rate_limits'),
    ],
  },
  {
    name: 'workers',
    statements: [
      // Who looks for work, and when it was last heard of, by the database's clock.
      `create table postern.workers (
         process uuid not null,
         name text not null,
         started_at timestamptz(3) not null default now(),
         seen_at timestamptz(3) not null,
         primary key (process, name))`,
      ...forTheServiceAlone('postern.workers'),
    ],
  },
  {
    name: 'webhook-inbox',
    statements: [
      // There is no status "processing": it would have to be committed, and a crash would leave it standing. What is being
      // processed is what holds its row's lock.
      `create table postern.webhook_inbox (
         id uuid primary key default gen_random_uuid(),
         seq bigint generated always as identity,
         endpoint text not null,
         dedupe_key text not null,
         event_type text not null,
         event_at timestamptz(3),
         ordering_key text,
         blocks_key boolean not null default false,
         event text,
         body bytea,
         body_sha256 bytea not null check (octet_length(body_sha256) = 32),
         guards_body boolean not null default false,
         headers json,
         status text not null default 'received' check (status in ('received', 'succeeded', 'ignored', 'dead')),
         attempts integer not null default 0,
         max_attempts integer not null,
         leased boolean not null default false,
         next_attempt_at timestamptz(3) not null default now(),
         last_error json,
         duplicates integer not null default 0,
         replay_of uuid references postern.webhook_inbox (id) on delete set null,
         replay_reason text,
         received_at timestamptz(3) not null default now(),
         finished_at timestamptz(3),
         keep_until timestamptz(3),
         constraint webhook_inbox_dedupe unique (endpoint, dedupe_key))`,
      `create unique index webhook_inbox_body on postern.webhook_inbox (endpoint, body_sha256) where guards_body`,
      `create index webhook_inbox_due on postern.webhook_inbox (next_attempt_at) where status = 'received'`,
      `create index webhook_inbox_order on postern.webhook_inbox (endpoint, ordering_key, seq)
         where ordering_key is not null and status in ('received', 'dead')`,
      'create index webhook_inbox_replays on postern.webhook_inbox (replay_of) where replay_of is not null',
      'create index webhook_inbox_received_at on postern.webhook_inbox (received_at)',
      ...forTheServiceAlone('postern.webhook_inbox'),
    ],
  },
  {
    name: 'jobs',
    statements: [
      pgBoss(),
      // What a process took is looked for by others when it is no more heard of. A queue's own table gets it with the queue.
      "create index if not exists job_taken on pgboss.job (name) where state = 'active'",
      ...PG_BOSS_NAMES.flatMap((name) => [
        `drop policy if exists service on pgboss.${name}`,
        ...openToTheService(`pgboss.${name}`),
      ]),
      'grant usage on schema pgboss to service_role',
      // A queue is a table: only its owner can make one, so the function works as the owner, and for the service alone.
      'alter function pgboss.create_queue(text, json) security definer set search_path = pg_catalog, pg_temp',
      'revoke all on function pgboss.create_queue(text, json), pgboss.delete_queue(text) from public, anon, authenticated, service_role',
      'grant execute on function pgboss.create_queue(text, json) to service_role',
      `create table postern.job_schedules (
         name text primary key,
         cron text not null,
         time_zone text not null,
         next_at timestamptz(3) not null)`,
      ...forTheServiceAlone('postern.job_schedules'),
    ],
  },
  {
    name: 'webhook-inbox-uncompressed',
    statements: [
      // To compress what is read once, and pruned, is most of what it costs to store it: 80 µs for 3 kB, and the rest 150.
      'alter table postern.webhook_inbox alter column event set storage external, alter column body set storage external',
    ],
  },
]

/**
 * The tables of pg-boss, where it has none there. Those of the same version are taken as they are: somebody uses pg-boss
 * already, or dropped the schema `postern` alone.
 */
function pgBoss(): string {
  const made = PG_BOSS_TABLES.map((text) => `execute $pgboss$${text}$pgboss$;`).join('\n')
  const other = `The schema pgboss holds version % of the tables of pg-boss, and jobs need ${PG_BOSS_VERSION}: give yours another name`
  return `do $make$ declare found int; begin
    if to_regclass('pgboss.version') is null then
      ${made}
    else
      select max(version) into found from pgboss.version;
      if found <> ${PG_BOSS_VERSION} then raise exception '${other}', found; end if;
    end if; end $make$`
}

/** Revoked first, because a platform's default privileges may hand every new table to everyone. */
function forTheServiceAlone(table: string): string[] {
  return [...openToTheService(table), `alter table ${table} force row level security`]
}

/** Not forced: `create_queue` works as the owner of the tables. */
function openToTheService(table: string): string[] {
  return [
    `alter table ${table} enable row level security`,
    `create policy service on ${table} to service_role using (true) with check (true)`,
    `revoke all on ${table} from public, anon, authenticated, service_role`,
    `grant select, insert, update, delete on ${table} to service_role`,
  ]
}
