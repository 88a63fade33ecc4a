-- Counted only if that does not wait: whoever runs the event holds the lock of its row. Nor may whoever is about to find it locked by
-- the count: taken for somebody's who runs it, the event would rest until its lease ends. So one that is leased is not counted.
update postern.webhook_inbox set duplicates = duplicates + 1 where id = (
  select id from postern.webhook_inbox
  where endpoint = $1 and (dedupe_key = $2 or (guards_body and body_sha256 = $3::bytea)) and not (status = 'received' and leased)
  order by dedupe_key = $2 desc limit 1 for no key update skip locked)
