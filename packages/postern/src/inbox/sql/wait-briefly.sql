select set_config('lock_timeout', '250ms', true)
