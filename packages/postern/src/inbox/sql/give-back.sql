-- An attempt that could not begin (no connection, the key was busy) is none. Fenced as F is.
update postern.webhook_inbox
set attempts = attempts - 1, leased = false, next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = $2::integer for no key update skip locked)
