-- S was sent, its answer was lost, and the attempt that it counted does not begin. Whether it was stored nobody knows here, nor what
-- became of it since: so only the lease that S itself gave is ended, which is known by its end. One that was begun later has a later one.
update postern.webhook_inbox
set attempts = 0, leased = false, next_attempt_at = now()
where id = (
  select id from postern.webhook_inbox
  where id = $1::uuid and status = 'received' and attempts = 1 and leased
    and next_attempt_at = received_at + make_interval(secs => $2::float8 / 1000) for no key update skip locked)
returning id
