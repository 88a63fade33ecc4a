-- F: what became of an attempt that failed, in a transaction of its own. Fenced by the attempt: a late one changes nothing.
update postern.webhook_inbox
set status = case when $3::boolean or attempts >= max_attempts then 'dead' else status end,
  finished_at = case when $3::boolean or attempts >= max_attempts then clock_timestamp() end,
  attempts = least(attempts, max_attempts),
  leased = false,
  next_attempt_at = clock_timestamp()
    + least(21600, 10 * power(2, least(attempts, 30) - 1)) * (0.5 + random()) * interval '1 second',
  last_error = $4::json
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = $2::integer for no key update skip locked)
returning status, next_attempt_at
