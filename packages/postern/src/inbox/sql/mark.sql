-- P ends with it, in one round trip with COMMIT. It fails (23502) where a handler has ended the transaction that took the lock.
update postern.webhook_inbox
set status = case when status = 'received' and pg_current_xact_id()::text = $2 then 'succeeded' end,
  leased = false, finished_at = clock_timestamp(), last_error = null
where id = $1::uuid
