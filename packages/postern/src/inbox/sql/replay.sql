-- What never succeeded is tried again as what it is: the same row, the same key, so that its effect is there once all the same. What is
-- being processed at this moment holds its lock, and is left alone.
update postern.webhook_inbox
set status = 'received', attempts = 0, leased = false, finished_at = null,
  next_attempt_at = now() + make_interval(secs => $2::float8 / 1000)
where id in (
  select id from postern.webhook_inbox
  where id = any($1::uuid[]) and status in ('received', 'dead', 'ignored') and event is not null
  for no key update skip locked)
returning id
