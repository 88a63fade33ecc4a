-- One at a time for each ordering key, also of events that were stored at the same moment and could not see each other.
select pg_try_advisory_xact_lock(hashtextextended($1 || ':' || $2, 7))
