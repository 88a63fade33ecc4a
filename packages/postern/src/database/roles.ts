/** PostgreSQL's roles as whom statements run; Supabase's and PostgREST's names, so that the same policies hold there. */
export const ROLES = ['anon', 'authenticated', 'service_role'] as const

/** The login of the embedded database: owns nothing, inherits nothing. */
export const EMBEDDED_LOGIN = 'postern_login'

/**
 * Makes the three roles, and lets them use (not fill) the schema `public`. May run any number of times.
 * Roles belong to the whole server, so two databases may make them at the same moment.
 */
export const ROLES_SQL = `do $$
declare name text;
begin
  foreach name in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = name) then
      begin
        execute format('create role %I nologin noinherit', name);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
  end loop;
end $$;
grant usage on schema public to anon, authenticated, service_role;
revoke create on schema public from public, anon, authenticated, service_role;
`

/**
 * Lets a login become each of the three and inherit none: `set_config('role', …)` works, and the bare login reads nothing.
 * PostgreSQL 16 keeps that per membership (NOINHERIT set on the role later is void there); 15 keeps it on the role.
 */
export function loginSql(login: string, versionNumber: number): string {
  const name = `"${login.replaceAll('"', '""')}"`
  const roles = ROLES.join(', ')
  return versionNumber >= 160_000
    ? `grant ${roles} to ${name} with inherit false, set true;\n`
    : `alter role ${name} noinherit;\ngrant ${roles} to ${name};\n`
}
