-- What succeeded is never made undone: a second effect is another event, that says of which and why.
insert into postern.webhook_inbox
  (endpoint, dedupe_key, event_type, event_at, ordering_key, blocks_key, event, body_sha256, headers, max_attempts, replay_of,
   replay_reason, keep_until, next_attempt_at)
select endpoint, 'replay:' || gen_random_uuid(), event_type, event_at, ordering_key, blocks_key, event, body_sha256, headers,
  max_attempts, id, $2, now() + interval '90 days',
  now() + make_interval(secs => $3::float8 / 1000)
from postern.webhook_inbox where id = $1::uuid and status = 'succeeded' and event is not null
returning id
