import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { startPgBouncer } from './pgbouncer.js'
import { startPostgres } from './postgres-server.js'
import { pgbouncer, postgres15 } from './server-binaries.js'
import { PASSWORDS } from './test-logins.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of this run's PostgreSQL 18: ask `createTestDatabase()` instead. */
    readonly postgresUrl: string
    /** The same of PostgreSQL 15, `null` where this machine has none. */
    readonly postgres15Url: string | null
    /** The same of PostgreSQL 18 behind PgBouncer, `null` where this machine has none. */
    readonly pgbouncerUrl: string | null
  }
}

/** The servers of a run, by the names under which tests ask for them. */
export const SERVERS = ['postgresUrl', 'postgres15Url', 'pgbouncerUrl'] as const

/** Where a run inside of another one finds the servers of that, as JSON. */
export const SERVERS_VARIABLE = 'POSTERN_TEST_SERVERS'

/** One server of a kind a run: starting them takes about two seconds, a database in one some 50 ms. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env[SERVERS_VARIABLE]
  if (running !== undefined) {
    const urls = JSON.parse(running) as ProvidedContext
    for (const name of SERVERS) project.provide(name, urls[name])
    return async () => {}
  }
  const [older, program] = [postgres15(), pgbouncer()]
  demand('PostgreSQL 15', 'postgresql-15', older)
  demand('PgBouncer', 'pgbouncer', program)
  const [server, server15] = await Promise.all([
    startPostgres(),
    older === undefined ? undefined : startPostgres(older),
  ])
  const pooler = program === undefined ? undefined : await startPgBouncer(program, server.port, PASSWORDS)
  project.provide('postgresUrl', server.adminUrl)
  project.provide('postgres15Url', server15?.adminUrl ?? null)
  project.provide('pgbouncerUrl', pooler === undefined ? null : onPort(server.adminUrl, pooler.port))
  return async () => {
    await pooler?.stop()
    await Promise.all([server.stop(), server15?.stop()])
  }
}

/** npm brings PostgreSQL 18 and nothing else, so that the tests run anywhere; what the system must bring is missed only in CI. */
function demand(name: string, debianPackage: string, found: string | undefined): void {
  if (found !== undefined) return
  if (process.env['CI'] === 'true')
    throw new Error(`${name} is missing, and CI must not skip its tests: apt-get install ${debianPackage}`)
  process.stderr.write(
    `The tests on ${name} are skipped: this machine has none (Debian: apt-get install ${debianPackage}).\n`,
  )
}

function onPort(url: string, port: number): string {
  const moved = new URL(url)
  moved.port = String(port)
  return moved.href
}
