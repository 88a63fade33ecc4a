-- Counted only if that does not wait: whoever runs the event holds the lock of its row.
update postern.webhook_inbox set duplicates = duplicates + 1 where id = (
  select id from postern.webhook_inbox
  where endpoint = $1 and (dedupe_key = $2 or (guards_body and body_sha256 = $3::bytea))
  order by dedupe_key = $2 desc limit 1 for no key update skip locked)
