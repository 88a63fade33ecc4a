-- Fails (22012) where a handler has ended the transaction that began with the event.
select 1 / (pg_current_xact_id()::text = $1)::integer
