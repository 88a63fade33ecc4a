import { afterAll, beforeAll } from 'vitest'
import { createTestDatabase, has, type TestDatabase } from '../../../test/support/postgres.js'
import type { Backend } from '../src/backend.js'
import type { PoolOptions } from '../src/database/connections.js'
import type { Endpoint } from '../src/endpoint.js'
import type { Schema } from '../src/database/scope-types.js'
import { type RouteModules, testBackend, type TestBackend, type TestOptions } from '../src/testing/index.js'
import { schemaSql } from './schema-sql.js'

interface UnderTestOptions<D extends Schema> {
  readonly backend: Backend<D>
  readonly schema: D
  readonly routes: (endpoint: Endpoint<D>) => RouteModules
  /** Where PgBouncer is asked for and this machine has none, nothing is prepared. */
  readonly on: 'postgres' | 'pgbouncer' | 'embedded'
  readonly pool?: PoolOptions
  readonly test?: Partial<TestOptions>
}

export interface UnderTest {
  /** There once tests run. */
  readonly app: TestBackend
  /** The database, where it is no part of this process. */
  readonly place: TestDatabase | undefined
}

/** A backend under test, on a database of its own for the suite that calls this. */
export function underTest<D extends Schema>(options: UnderTestOptions<D>): UnderTest {
  let place: TestDatabase | undefined
  let app: TestBackend | undefined
  beforeAll(async () => {
    if (options.on === 'pgbouncer' && !has('pgbouncer')) return
    if (options.on === 'postgres') place = await createTestDatabase()
    if (options.on === 'pgbouncer') place = await createTestDatabase({ on: 'pgbouncer' })
    const where = place ? { url: place.url, migrationUrl: place.migrationUrl } : { directory: 'memory://' }
    const sql = await schemaSql(options.schema)
    app = await testBackend(options.backend, {
      routes: options.routes(options.backend.endpoint),
      directory: import.meta.dirname,
      place: { ...where, ...options.pool },
      seed: (owner) => owner.script(sql),
      ...options.test,
    })
  })
  afterAll(async () => {
    await app?.close()
    await place?.drop()
  })
  return {
    get app() {
      return app!
    },
    get place() {
      return place
    },
  }
}
