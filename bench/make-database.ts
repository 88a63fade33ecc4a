import { Client } from 'pg'
import { loginsSql, LOGIN, OWNER, PASSWORDS } from '../test/support/test-logins.js'

/** A database of its own on a server that is fresh, and how it is reached. */
export interface MadeDatabase {
  /** For servers under row-level security: a login that owns nothing and may become the three roles. */
  readonly guardedUrl: string
  /** For servers without: BYPASSRLS, so PostgreSQL applies no policy to it; same tables, same indexes. */
  readonly plainUrl: string
  /** Who owns the tables of a deployed backend: no superuser. */
  readonly ownerUrl: string
  /** As the superuser. */
  readonly admin: Client
}

/** The login that knows no row-level security. */
export const PLAIN = 'bench_plain'

export async function makeDatabase(adminUrl: string): Promise<MadeDatabase> {
  const server = new Client({ connectionString: adminUrl })
  await server.connect()
  await server.query(loginsSql(180_000))
  await server.query(`create role ${PLAIN} login bypassrls password '${PLAIN}'`)
  await server.query(`create database bench owner ${OWNER}`)
  await server.end()
  const admin = new Client({ connectionString: at(adminUrl, 'postgres', PASSWORDS.postgres) })
  // Where PostgreSQL is interrupted first, this connection breaks; the benchmark is ending then.
  admin.on('error', () => {})
  await admin.connect()
  await admin.query(`alter schema public owner to ${OWNER}`)
  return {
    guardedUrl: at(adminUrl, LOGIN, PASSWORDS[LOGIN]),
    plainUrl: at(adminUrl, PLAIN, PLAIN),
    ownerUrl: at(adminUrl, OWNER, PASSWORDS[OWNER]),
    admin,
  }
}

function at(server: string, login: string, password: string): string {
  const url = new URL(server)
  url.pathname = '/bench'
  url.username = login
  url.password = password
  return url.href
}
