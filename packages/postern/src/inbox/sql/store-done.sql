-- In one commit with its effects, and so done from the start. A copy that is on its way elsewhere is waited for a moment only.
insert into postern.webhook_inbox
  (id, endpoint, dedupe_key, event_type, event_at, event, body, body_sha256, guards_body, headers, status, attempts, max_attempts,
   finished_at, keep_until)
values ($1::uuid, $2, $3, $4, $5::timestamptz, $6, $7::bytea, $8::bytea, $9::boolean, $10::json, 'succeeded', 1, $11::integer,
  now(), now() + make_interval(secs => $12::float8 / 1000))
on conflict do nothing
returning pg_current_xact_id()::text, received_at
