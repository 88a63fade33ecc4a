select id, endpoint, event_type, status, attempts, max_attempts, duplicates, received_at, finished_at, next_attempt_at,
  last_error ->> 'message', dedupe_key, ordering_key, replay_of, event is null,
  event_at, last_error, headers, encode(body, 'base64'), replay_reason, keep_until, event
from postern.webhook_inbox where id = $1::uuid
