-- What a worker takes: what is due, of what this program knows, the head of each ordering key only. What no program knows stays.
with due as (
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
returning w.id, w.endpoint, w.event, w.attempts, w.max_attempts, w.ordering_key, w.event_type
