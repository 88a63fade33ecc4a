/** Made by scripts/write-inbox-sql.mjs from the files in sql/, where each says why it is as it is. */
export const SQL = {
  claim: `with due as (
  select w.id, k.lease_ms
  from postern.webhook_inbox w
  join unnest($1::text[], $2::text[], $3::integer[]) as k (endpoint, event_type, lease_ms)
    on k.endpoint = w.endpoint and k.event_type = w.event_type
  where w.status = 'received' and w.next_attempt_at <= now()
    and (w.ordering_key is null or not exists (
      select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
        and (p.status = 'received' or (p.status = 'dead' and p.blocks_key))))
  order by w.next_attempt_at, w.seq limit $4::integer for no key update of w skip locked)
update postern.webhook_inbox w
set attempts = w.attempts + 1, leased = true, next_attempt_at = now() + make_interval(secs => due.lease_ms::float8 / 1000)
from due where w.id = due.id
returning w.id, w.endpoint, w.event, w.attempts, w.max_attempts, w.ordering_key, w.event_type`,
  countDuplicate: `update postern.webhook_inbox set duplicates = duplicates + 1 where id = (
  select id from postern.webhook_inbox
  where endpoint = $1 and (dedupe_key = $2 or (guards_body and body_sha256 = $3::bytea)) and not (status = 'received' and leased)
  order by dedupe_key = $2 desc limit 1 for no key update skip locked)`,
  dueNow: `update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased`,
  endFirstLease: `update postern.webhook_inbox
set attempts = 0, leased = false, next_attempt_at = now()
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = 1 and leased
    and next_attempt_at = received_at + make_interval(secs => $2::float8 / 1000) for no key update skip locked)
returning id`,
  finalStatus: `select status from postern.webhook_inbox where id = $1::uuid`,
  findDuplicate: `select id, status, attempts, body_sha256 = $3::bytea as same_body, dedupe_key = $2 as same_key
from postern.webhook_inbox
where endpoint = $1 and (dedupe_key = $2 or (guards_body and body_sha256 = $3::bytea))
order by dedupe_key = $2 desc limit 1`,
  giveBack: `update postern.webhook_inbox
set attempts = attempts - 1, leased = false, next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = $2::integer for no key update skip locked)`,
  holdBack: `update postern.webhook_inbox w
set attempts = 0, leased = false, next_attempt_at = now()
where id = $1::uuid and status = 'received' and exists (
  select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
    and (p.status = 'received' or (p.status = 'dead' and p.blocks_key)))
returning id`,
  list: `select id, endpoint, event_type, status, attempts, max_attempts, duplicates, received_at, finished_at, next_attempt_at,
  last_error ->> 'message', dedupe_key, ordering_key, replay_of, event is null
from postern.webhook_inbox
where ($1::text is null or endpoint = $1) and ($2::text is null or status = $2) and ($3::text is null or event_type = $3)
  and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
  and ($7::text is null or position(lower($7) in lower(last_error ->> 'message')) > 0)
order by received_at desc, seq desc limit $4::integer`,
  lockKey: `select pg_try_advisory_xact_lock(hashtextextended($1 || ':' || $2, 7))`,
  lock: `select status, attempts, max_attempts, pg_current_xact_id()::text, received_at
from postern.webhook_inbox where id = $1::uuid for no key update skip locked`,
  mark: `update postern.webhook_inbox
set status = case when status = 'received' and pg_current_xact_id()::text = $2 then 'succeeded' end,
  leased = false, finished_at = clock_timestamp(), last_error = null
where id = $1::uuid`,
  pruneBodies: `update postern.webhook_inbox set event = null, body = null, headers = null
where id in (
  select id from postern.webhook_inbox
  where (event is not null or body is not null)
    and finished_at < now() - make_interval(secs => 86400 * case when status = 'dead' then $2::float8 else $1::float8 end)
    and status <> 'received'
  order by received_at limit $3::integer for no key update skip locked)`,
  pruneRows: `delete from postern.webhook_inbox
where id in (
  select id from postern.webhook_inbox i
  where keep_until < now() and status <> 'received' and event is null and body is null
    and not exists (select from postern.webhook_inbox r where r.replay_of = i.id)
  order by received_at limit $1::integer for update skip locked)`,
  record: `update postern.webhook_inbox
set status = case when $3::boolean or attempts >= max_attempts then 'dead' else status end,
  finished_at = case when $3::boolean or attempts >= max_attempts then clock_timestamp() end,
  attempts = least(attempts, max_attempts),
  leased = false,
  next_attempt_at = clock_timestamp()
    + least(21600, 10 * power(2, least(attempts, 30) - 1)) * (0.5 + random()) * interval '1 second',
  last_error = $4::json
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = $2::integer for no key update skip locked)
returning status, next_attempt_at`,
  replayByForce: `insert into postern.webhook_inbox
  (endpoint, dedupe_key, event_type, event_at, ordering_key, blocks_key, event, body_sha256, headers, max_attempts, replay_of,
   replay_reason, keep_until, next_attempt_at)
select endpoint, 'replay:' || gen_random_uuid(), event_type, event_at, ordering_key, blocks_key, event, body_sha256, headers,
  max_attempts, id, $2, now() + interval '90 days',
  now() + make_interval(secs => $3::float8 / 1000)
from postern.webhook_inbox where id = $1::uuid and status = 'succeeded' and event is not null
returning id`,
  replay: `update postern.webhook_inbox
set status = 'received', attempts = 0, leased = false, finished_at = null,
  next_attempt_at = now() + make_interval(secs => $2::float8 / 1000)
where id in (
  select id from postern.webhook_inbox
  where id = any($1::uuid[]) and status in ('received', 'dead', 'ignored') and event is not null
  for no key update skip locked)
returning id`,
  sameTransaction: `select 1 / (pg_current_xact_id()::text = $1)::integer`,
  show: `select id, endpoint, event_type, status, attempts, max_attempts, duplicates, received_at, finished_at, next_attempt_at,
  last_error ->> 'message', dedupe_key, ordering_key, replay_of, event is null,
  event_at, last_error, headers, encode(body, 'base64'), replay_reason, keep_until, event
from postern.webhook_inbox where id = $1::uuid`,
  start: `update postern.webhook_inbox w
set attempts = attempts + 1, leased = true, next_attempt_at = now() + make_interval(secs => $2::float8 / 1000)
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and (not leased or next_attempt_at <= now())
  for no key update skip locked)
and (ordering_key is null or not exists (
  select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
    and (p.status = 'received' or (p.status = 'dead' and p.blocks_key))))
returning w.id, w.endpoint, w.event, w.attempts, w.max_attempts, w.ordering_key, w.event_type`,
  storeDone: `insert into postern.webhook_inbox
  (id, endpoint, dedupe_key, event_type, event_at, event, body, body_sha256, guards_body, headers, status, attempts, max_attempts,
   finished_at, keep_until)
values ($1::uuid, $2, $3, $4, $5::timestamptz, $6, $7::bytea, $8::bytea, $9::boolean, $10::json, 'succeeded', 1, $11::integer,
  now(), now() + make_interval(secs => $12::float8 / 1000))
on conflict do nothing
returning pg_current_xact_id()::text, received_at`,
  store: `insert into postern.webhook_inbox as w
  (id, endpoint, dedupe_key, event_type, event_at, ordering_key, blocks_key, event, body, body_sha256, guards_body, headers,
   status, attempts, leased, max_attempts, received_at, next_attempt_at, last_error, finished_at, keep_until)
values ($18::uuid, $1, $2, $3, $4::timestamptz, $5, $6::boolean, $7, $8::bytea, $9::bytea, $10::boolean, $11::json,
  $12, case when $13::boolean then 1 else 0 end, $13::boolean, $14::integer,
  now(), now() + case when $13::boolean then make_interval(secs => $15::float8 / 1000) else interval '0' end,
  $16::json, case when $12 <> 'received' then now() end, now() + make_interval(secs => $17::float8 / 1000))
on conflict do nothing
returning id, status, attempts`,
  stranded: `select w.endpoint, w.event_type, count(*) from postern.webhook_inbox w
where w.status = 'received' and not exists (
  select from unnest($1::text[], $2::text[]) as k (endpoint, event_type) where k.endpoint = w.endpoint and k.event_type = w.event_type)
group by 1, 2 order by 1, 2`,
  waitAsEver: `select set_config('lock_timeout', '0', true)`,
  waitBriefly: `select set_config('lock_timeout', '250ms', true)`,
} as const
