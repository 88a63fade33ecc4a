import { date, doublePrecision, numeric, pgEnum, timestamp, uuid } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js'
import { createBackend } from '../src/backend.js'
import { database } from '../src/database/index.js'
import type { Endpoint } from '../src/endpoint.js'
import { boolean, id, integer, table, text, user } from '../src/schema/index.js'
import { type RouteModules, testBackend, type TestBackend } from '../src/testing/index.js'
import { schemaSql } from './schema-sql.js'

export const level = pgEnum('level', ['low', 'middle', 'high'])

/** One column of each type that a list can be sorted by, nearly all of them empty at times. */
export const samples = table(
  'samples',
  {
    id: id(),
    name: text().notNull(),
    label: text(),
    seen: timestamp({ withTimezone: true, precision: 6 }),
    local: timestamp({ precision: 6, mode: 'string' }),
    amount: numeric(),
    ratio: doublePrecision(),
    rank: integer(),
    tag: uuid(),
    day: date(),
    open: boolean(),
    level: level(),
  },
  { owner: user() },
)
const schema = { level, samples }

/** Samples under test, on a database of its own for the suite that calls this. `app` is there once tests run. */
export function sampleApp(routes: (endpoint: Endpoint<typeof schema>) => RouteModules, on: 'postgres' | 'embedded') {
  const db = database({ schema, directory: 'memory://' })
  const backend = createBackend({ database: db, auth: () => null })
  let place: TestDatabase | undefined
  let app: TestBackend | undefined
  beforeAll(async () => {
    if (on === 'postgres') place = await createTestDatabase()
    const sql = await schemaSql(schema)
    app = await testBackend(backend, {
      routes: routes(backend.endpoint),
      directory: import.meta.dirname,
      place: place ? { url: place.url, migrationUrl: place.migrationUrl } : { directory: 'memory://' },
      seed: (owner) => owner.script(sql),
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
  }
}
