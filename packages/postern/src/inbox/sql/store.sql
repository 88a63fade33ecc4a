-- S, and with it A where the attempt begins at once: owned for good from its COMMIT on. No row comes back for a duplicate, and nothing
-- waits for the attempt that may be running: it changes its row in its last statement only. It reads nothing, so that PostgreSQL keeps
-- one plan for all: a condition on the ordering key was planned anew each time, 100 µs of 400.
insert into postern.webhook_inbox as w
  (id, endpoint, dedupe_key, event_type, event_at, ordering_key, blocks_key, event, body, body_sha256, guards_body, headers,
   status, attempts, leased, max_attempts, received_at, next_attempt_at, last_error, finished_at, keep_until)
values ($18::uuid, $1, $2, $3, $4::timestamptz, $5, $6::boolean, $7, $8::bytea, $9::bytea, $10::boolean, $11::json,
  $12, case when $13::boolean then 1 else 0 end, $13::boolean, $14::integer,
  now(), now() + case when $13::boolean then make_interval(secs => $15::float8 / 1000) else interval '0' end,
  $16::json, case when $12 <> 'received' then now() end, now() + make_interval(secs => $17::float8 / 1000))
on conflict do nothing
returning id, status, attempts
