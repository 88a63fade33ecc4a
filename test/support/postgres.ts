import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { execute } from './execute.js'
import { LOGIN, loginsSql, OWNER, PASSWORDS } from './test-logins.js'

export { execute } from './execute.js'

/** The servers that a test database can be on. npm brings the first; the others are `null` where the machine has none. */
export type TestServer = 'postgres-18' | 'postgres-15' | 'pgbouncer'

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
  /** Where (default `postgres-18`). Behind `pgbouncer` only the login goes: the owner's URL is PostgreSQL's own. */
  readonly on?: TestServer
}

/** Makes an empty database (or a copy of `template`) on one of the run's servers, with the three roles and two logins. */
export async function createTestDatabase({ template, on }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = on === 'postgres-15' ? present(inject('postgres15Url')) : inject('postgresUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  await execute(server, loginsSql(on === 'postgres-15' ? 150_000 : 180_000))
  await execute(
    server,
    `create database ${name} owner ${OWNER}${template === undefined ? '' : ` template ${template}`}`,
  )
  const adminUrl = at(server, name)
  await execute(adminUrl, `alter schema public owner to ${OWNER};`)
  return {
    url:
      on === 'pgbouncer'
        ? `${at(present(inject('pgbouncerUrl')), name, LOGIN)}?pgbouncer=true`
        : at(server, name, LOGIN),
    migrationUrl: at(server, name, OWNER),
    adminUrl,
    name,
    async drop() {
      await execute(server, `drop database if exists ${name} with (force)`)
    },
  }
}

/** Whether this machine has the server; without it, name what is skipped and why. */
export function has(server: TestServer): boolean {
  if (server === 'postgres-18') return true
  return inject(server === 'postgres-15' ? 'postgres15Url' : 'pgbouncerUrl') !== null
}

function present(url: string | null): string {
  if (url === null) throw new Error('This machine has no such server: ask has() first')
  return url
}

function at(server: string, database: string, login?: keyof typeof PASSWORDS): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  if (login !== undefined) {
    url.username = login
    url.password = PASSWORDS[login]
  }
  return url.href
}
