/**
 * What a first migration begins with: the three roles, and for the login that migrates the right to become them.
 * `create role` gives its creator no more than the right to grant (PostgreSQL ≥ 16), and without SET neither a data
 * statement in a migration nor a server on the same login could act as anyone. A superuser, and a login that Supabase
 * has set up, need nothing; a login of its own for the server is granted by hand, where its name is known.
 * PostgreSQL 15 keeps NOINHERIT on the role, and it takes from a database's owner what that has in `public` by being
 * one of `pg_database_owner` (ran: it could create no table), so this is granted by name.
 */
export function firstMigration(rolesSql: string): string {
  return `${rolesSql.trim()}

${MIGRATING_LOGIN}`
}

const MIGRATING_LOGIN = `do $$
declare
  since_16 boolean := current_setting('server_version_num')::int >= 160000;
begin
  if (select rolsuper from pg_catalog.pg_roles where rolname = session_user) then return; end if;
  if not since_16 and pg_catalog.pg_has_role(session_user, 'pg_database_owner', 'MEMBER') then
    perform set_config('role', 'pg_database_owner', true);
    execute format('grant usage, create on schema public to %I', session_user);
    perform set_config('role', 'none', true);
  end if;
  if pg_catalog.pg_has_role(session_user, 'service_role', case when since_16 then 'SET' else 'MEMBER' end) then return; end if;
  if since_16 then
    execute format('grant anon, authenticated, service_role to %I with inherit false, set true', session_user);
  else
    execute format('alter role %I noinherit', session_user);
    execute format('grant anon, authenticated, service_role to %I', session_user);
  end if;
end $$;`
