import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { execute } from './execute.js'
import { type PostgresServer, startPostgres } from './postgres-server.js'

/**
 * A PostgreSQL that is set up as Supabase sets up one: its roles with what each may do, the schema `auth` with `auth.uid()`, and
 * the privileges that every new table is given. A server of its own, because roles belong to a server, and Supabase's
 * `service_role` goes round row-level security where that of the other tests does not.
 *
 * Source: supabase/postgres, migrations/db (roles, default privileges, the developer's `postgres` that is no superuser);
 * supabase/auth, migrations (auth.users, auth.uid()). Left out: extensions, storage, realtime.
 */
export interface SupabaseServer {
  /** The developer's login, `postgres`: owns the database and what migrations make, and is no superuser. */
  readonly postgresUrl: string
  /** The superuser, Supabase's own. */
  readonly adminUrl: string
  /** Another login of this server. */
  urlOf(login: string, password: string): string
  /** Signs a user up, as Supabase Auth would; answers the id. */
  signUp(email: string): Promise<string>
  /** Runs one statement as PostgREST does: as `authenticator`, who becomes the role of the token, with its claims. */
  asPostgrest(claims: Claims, text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

/** What PostgREST takes of a token: which role, and who. */
export interface Claims {
  readonly role: 'anon' | 'authenticated' | 'service_role'
  readonly sub?: string
}

export async function startSupabase(): Promise<SupabaseServer> {
  const server: PostgresServer = await startPostgres()
  const urlOf = (login: string, password: string) => {
    const url = new URL(server.adminUrl)
    Object.assign(url, { username: login, password })
    return url.href
  }
  const adminUrl = urlOf('supabase_admin', 'admin')
  // The cluster's first role must stay a superuser, so it changes its name; nobody can rename themselves.
  await execute(server.adminUrl, `create role renaming login superuser password 'renaming'`)
  await execute(
    urlOf('renaming', 'renaming'),
    `alter role postgres rename to supabase_admin;
    alter role supabase_admin password 'admin'`,
  )
  await execute(adminUrl, SETUP)
  return {
    postgresUrl: urlOf('postgres', 'postgres'),
    adminUrl,
    urlOf,
    async signUp(email) {
      const id = randomUUID()
      await execute(adminUrl, `insert into auth.users (id, email) values ('${id}', '${email}')`)
      return id
    },
    asPostgrest: (claims, text, values = []) =>
      asPostgrest(urlOf('authenticator', 'authenticator'), claims, text, values),
    stop: () => server.stop(),
  }
}

/** PostgREST's transaction: the role, then the claims, then the statement. */
async function asPostgrest(
  url: string,
  claims: Claims,
  text: string,
  values: readonly unknown[],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin')
    await client.query("select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      claims.role,
      JSON.stringify(claims),
    ])
    const { rows } = await client.query<Record<string, unknown>>(text, [...values])
    await client.query('commit')
    return rows
  } finally {
    await client.end()
  }
}

const SETUP = `
drop role renaming;
create role postgres login password 'postgres' nosuperuser createdb createrole replication bypassrls;
alter database postgres owner to postgres;
alter schema public owner to pg_database_owner;

create role anon nologin inherit;
create role authenticated nologin inherit;
create role service_role nologin inherit bypassrls;
create role authenticator login password 'authenticator' noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';

grant usage on schema public to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to postgres, anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges for role postgres in schema public grant all on sequences to anon, authenticated, service_role;

create role supabase_auth_admin login password 'auth' noinherit createrole;
create schema auth authorization supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;
create table auth.users (id uuid primary key, email varchar(255) unique, created_at timestamptz default now());
alter table auth.users owner to supabase_auth_admin;
grant all on auth.users to postgres;
create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;
create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;
create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;
grant execute on all functions in schema auth to public;
`
