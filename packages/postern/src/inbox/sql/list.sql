select id, endpoint, event_type, status, attempts, max_attempts, duplicates, received_at, finished_at, next_attempt_at,
  last_error ->> 'message', dedupe_key, ordering_key, replay_of, event is null
from postern.webhook_inbox
where ($1::text is null or endpoint = $1) and ($2::text is null or status = $2) and ($3::text is null or event_type = $3)
  and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
  and ($7::text is null or position(lower($7) in lower(last_error ->> 'message')) > 0)
order by received_at desc, seq desc limit $4::integer
