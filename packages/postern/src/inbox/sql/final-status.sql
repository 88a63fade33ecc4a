select status from postern.webhook_inbox where id = $1::uuid
