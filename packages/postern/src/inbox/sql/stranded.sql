select w.endpoint, w.event_type, count(*) from postern.webhook_inbox w
where w.status = 'received' and not exists (
  select from unnest($1::text[], $2::text[]) as k (endpoint, event_type) where k.endpoint = w.endpoint and k.event_type = w.event_type)
group by 1, 2 order by 1, 2
