-- P begins with the row's lock and reads the status under it: of two attempts the second sees what the first has made final. No row
-- means that somebody else holds it. The transaction's id is told, so that the mark can tell whether it is still this one.
select status, attempts, max_attempts, pg_current_xact_id()::text, received_at
from postern.webhook_inbox where id = $1::uuid for no key update skip locked
