select id, status, attempts, body_sha256 = $3::bytea as same_body, dedupe_key = $2 as same_key
from postern.webhook_inbox
where endpoint = $1 and (dedupe_key = $2 or (guards_body and body_sha256 = $3::bytea))
order by dedupe_key = $2 desc limit 1
