-- Once no copy can come any more. Where nothing signs a time there is no such day, and it is kept for good. What was made of it by force
-- goes first: taken away before, it would be waited for where that is just being processed.
delete from postern.webhook_inbox
where id in (
  select id from postern.webhook_inbox i
  where keep_until < now() and status <> 'received' and event is null and body is null
    and not exists (select from postern.webhook_inbox r where r.replay_of = i.id)
  order by received_at limit $1::integer for update skip locked)
