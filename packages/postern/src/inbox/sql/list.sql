select id, endpoint, event_type, status, attempts, max_attempts, duplicates, received_at, finished_at, next_attempt_at,
  last_error ->> 'message', dedupe_key, ordering_key, replay_of, event is null
from postern.webhook_inbox
where ($1::text is null or endpoint = $1) and ($2::text is null or status = $2) and ($3::text is null or event_type = $3)
order by received_at desc, seq desc limit $4::integer
