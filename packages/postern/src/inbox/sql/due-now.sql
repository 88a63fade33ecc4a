-- For tests, which do not wait for a backoff to pass.
update postern.webhook_inbox set next_attempt_at = now() where status = 'received' and not leased
