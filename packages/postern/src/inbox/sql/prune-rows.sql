-- Once no copy can come any more. Where nothing signs a time there is no such day, and it is kept for good.
delete from postern.webhook_inbox
where id in (
  select id from postern.webhook_inbox
  where keep_until < now() and status <> 'received' and event is null and body is null
  order by received_at limit $1::integer for update skip locked)
