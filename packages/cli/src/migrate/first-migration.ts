/**
 * What a first migration begins with: the three roles, and for the login that migrates the right to become them.
 * `create role` gives its creator no more than the right to grant (PostgreSQL ≥ 16), and without SET neither a data
 * statement in a migration nor a server on the same login could act as anyone. A superuser, and a login that Supabase
 * has set up, need nothing; a login of its own for the server is granted by hand, where its name is known.
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
  if pg_catalog.pg_has_role(session_user, 'service_role', case when since_16 then 'SET' else 'MEMBER' end) then return; end if;
  if since_16 then
    execute format('grant anon, authenticated, service_role to %I with inherit false, set true', session_user);
  else
    execute format('alter role %I noinherit', session_user);
    execute format('grant anon, authenticated, service_role to %I', session_user);
  end if;
end $$;`
