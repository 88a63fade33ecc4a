-- A: counted before the handler, so that an event which kills the process is counted too. A backoff is not waited for where the
-- provider is the one who comes again; a lease is. What came first is told: what comes again under its id need not be the same.
update postern.webhook_inbox w
set attempts = attempts + 1, leased = true, next_attempt_at = now() + make_interval(secs => $2::float8 / 1000)
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and (not leased or next_attempt_at <= now())
  for no key update skip locked)
and (ordering_key is null or not exists (
  select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
    and (p.status = 'received' or (p.status = 'dead' and p.blocks_key))))
returning w.id, w.endpoint, w.event, w.attempts, w.max_attempts, w.ordering_key, w.event_type
