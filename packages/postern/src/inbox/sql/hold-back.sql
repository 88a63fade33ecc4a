-- With S, in its transaction: an event of a key under which others wait is stored, and does not begin.
update postern.webhook_inbox w
set attempts = 0, leased = false, next_attempt_at = now()
where id = $1::uuid and status = 'received' and exists (
  select from postern.webhook_inbox p where p.endpoint = w.endpoint and p.ordering_key = w.ordering_key and p.seq < w.seq
    and (p.status = 'received' or (p.status = 'dead' and p.blocks_key)))
returning id
