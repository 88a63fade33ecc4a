import { date, doublePrecision, numeric, pgEnum, timestamp, uuid } from 'drizzle-orm/pg-core'
import { createBackend } from '../src/backend.js'
import { database } from '../src/database/index.js'
import type { Endpoint } from '../src/endpoint.js'
import { boolean, id, integer, table, text, user } from '../src/schema/index.js'
import type { RouteModules } from '../src/testing/index.js'
import { underTest } from './under-test.js'

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
  return underTest({ backend, schema, routes, on })
}
