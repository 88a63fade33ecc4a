import type { TestProject } from 'vitest/node'
import { type PostgresServer, startPostgres } from './postgres-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of the one PostgreSQL of this run: ask `createTestDatabase()` instead. */
    readonly postgresUrl: string
  }
}

/** One PostgreSQL a run: starting one takes about two seconds, a database in it some 50 ms. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server: PostgresServer = await startPostgres()
  project.provide('postgresUrl', server.adminUrl)
  return () => server.stop()
}
