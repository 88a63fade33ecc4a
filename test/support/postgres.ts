import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import { loginSql, ROLES_SQL } from '../../packages/postern/src/database/roles.js'

/** A database of its own for a test file, reached as a deployed backend would reach it. */
export interface TestDatabase {
  /** The login of the server: owns nothing, may become the three roles. */
  readonly url: string
  /** The owner of the tables: no superuser. */
  readonly migrationUrl: string
  /** The superuser, for setting up what an owner cannot. */
  readonly adminUrl: string
  readonly name: string
  drop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** A database to copy: one that nobody is connected to. */
  readonly template?: string
}

const OWNER = 'test_owner'
const LOGIN = 'test_app'

/** Makes an empty database (or a copy of `template`) on the run's PostgreSQL, with the three roles and two logins. */
export async function createTestDatabase({ template }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await execute(server, LOGINS_SQL)
  await execute(
    server,
    `create database ${name} owner ${OWNER}${template === undefined ? '' : ` template ${template}`}`,
  )
  const adminUrl = at(server, name)
  await execute(adminUrl, `alter schema public owner to ${OWNER};`)
  return {
    url: at(server, name, LOGIN),
    migrationUrl: at(server, name, OWNER),
    adminUrl,
    name,
    async drop() {
      await execute(server, `drop database if exists ${name} with (force)`)
    },
  }
}

/** Logins belong to the whole server, and test files start at the same moment: one after the other. */
const LOGINS_SQL = `begin;
select pg_advisory_xact_lock(7301);
${ROLES_SQL}
do $$ begin
  if not exists (select from pg_roles where rolname = '${OWNER}') then
    create role ${OWNER} login password 'test' createrole nosuperuser nobypassrls;
    grant anon, authenticated, service_role to ${OWNER} with inherit false, set true, admin true;
  end if;
  if not exists (select from pg_roles where rolname = '${LOGIN}') then
    create role ${LOGIN} login password 'test' noinherit;
  end if;
end $$;
${loginSql(LOGIN, 180_000)}
commit;`

/** Runs a script on a connection of its own; the answer is the rows, where it is one statement. */
export async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

function at(server: string, database: string, login?: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  if (login !== undefined) {
    url.username = login
    url.password = 'test'
  }
  return url.href
}
