-- S, and with it A where the attempt begins at once: owned for good from its COMMIT on. No row comes back for a duplicate, and nothing
-- waits for the attempt that may be running: it changes its row in its last statement only.
insert into postern.webhook_inbox as w
  (id, endpoint, dedupe_key, event_type, event_at, ordering_key, blocks_key, event, body, body_sha256, guards_body, headers,
   status, attempts, leased, max_attempts, next_attempt_at, last_error, finished_at, keep_until)
select coalesce($18::uuid, gen_random_uuid()), $1, $2, $3, $4::timestamptz, $5, $6::boolean, $7, $8::bytea, $9::bytea, $10::boolean, $11::json,
  $12, case when begins then 1 else 0 end, begins, $14::integer,
  now() + case when begins then make_interval(secs => $15::float8 / 1000) else interval '0' end,
  $16::json, case when $12 <> 'received' then now() end, now() + make_interval(secs => $17::float8 / 1000)
from (select $13::boolean and ($5::text is null or not exists (
  select from postern.webhook_inbox p where p.endpoint = $1 and p.ordering_key = $5
    and (p.status = 'received' or (p.status = 'dead' and p.blocks_key)))) as begins) attempt
on conflict do nothing
returning id, status, attempts
