-- What was in it goes; what it was stays, so that a late copy is still known. What waits is never touched.
update postern.webhook_inbox set event = null, body = null, headers = null
where id in (
  select id from postern.webhook_inbox
  where (event is not null or body is not null)
    and finished_at < now() - make_interval(secs => 86400 * case when status = 'dead' then $2::float8 else $1::float8 end)
    and status <> 'received'
  order by received_at limit $3::integer for no key update skip locked)
