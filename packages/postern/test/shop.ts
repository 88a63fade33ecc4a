import { afterAll, beforeAll } from 'vitest'
import { z } from 'zod'
import { createTestDatabase, has, type TestDatabase } from '../../../test/support/postgres.js'
import { type Backend, type BackendOptions, createBackend } from '../src/backend.js'
import { database, type DatabaseOptions } from '../src/database/index.js'
import type { Endpoint } from '../src/endpoint.js'
import * as columns from '../src/schema/index.js'
import type { RouteModules, StatementRules } from '../src/testing/index.js'
import { testBackend, type TestBackend } from '../src/testing/index.js'
import { schemaSql } from './schema-sql.js'

const { id, instant, integer, money, references, secret, table, text, timestamps, user } = columns

export const customers = table(
  'customers',
  { id: id(), name: text().notNull(), email: text().unique(), pin: secret(text()), ...timestamps() },
  { owner: user() },
)
export const invoices = table(
  'invoices',
  {
    id: id(),
    customerId: references(customers),
    number: text().notNull(),
    total: money().notNull(),
    status: text({ enum: ['draft', 'sent', 'paid'] })
      .notNull()
      .default('draft'),
    rank: integer(),
    dueAt: instant(),
    ...timestamps(),
  },
  { owner: user() },
)
export const payments = table(
  'payments',
  { id: id(), invoiceId: references(invoices), amount: money().notNull() },
  { owner: user() },
)
/** Readable by all, so that what is only readable can be told from what is owned. */
export const posts = table('posts', { id: id(), title: text().notNull() }, { owner: user({ read: 'anyone' }) })

export const schema = { customers, invoices, payments, posts }
export type ShopEndpoint = Endpoint<typeof schema>

export const CustomerInput = z.object({
  name: z.string().min(1),
  email: z.string().optional(),
  pin: z.string().optional(),
})
export const InvoiceInput = z.object({
  customerId: z.string(),
  number: z.string(),
  total: z.string(),
  status: z.enum(['draft', 'sent', 'paid']).optional(),
  rank: z.number().int().optional(),
  dueAt: z.coerce.date().optional(),
})

export interface ShopOptions {
  readonly on?: 'postgres' | 'pgbouncer' | 'embedded'
  readonly backend?: Partial<BackendOptions<typeof schema>>
  readonly test?: StatementRules
  readonly database?: Partial<Pick<DatabaseOptions<typeof schema>, 'poolSize' | 'poolWaitMs' | 'statementTimeoutMs'>>
}

/** A small shop under test, on a database of its own for the suite that calls this. `app` is there once tests run. */
export function shop(routes: (endpoint: ShopEndpoint) => RouteModules, options: ShopOptions = {}): Shop {
  const { poolSize, poolWaitMs, statementTimeoutMs } = options.database ?? {}
  const db = database({ schema, directory: 'memory://', ...(statementTimeoutMs ? { statementTimeoutMs } : {}) })
  const backend = createBackend({ database: db, auth: nobody, ...options.backend })
  let place: TestDatabase | undefined
  let app: TestBackend | undefined
  beforeAll(async () => {
    if (options.on === 'pgbouncer' && !has('pgbouncer')) return
    if (options.on === 'postgres') place = await createTestDatabase()
    if (options.on === 'pgbouncer') place = await createTestDatabase({ on: 'pgbouncer' })
    const where = place ? { url: place.url, migrationUrl: place.migrationUrl } : { directory: 'memory://' }
    const pool = { ...(poolSize ? { poolSize } : {}), ...(poolWaitMs ? { poolWaitMs } : {}) }
    const sql = await schemaSql(schema)
    app = await testBackend(backend, {
      routes: routes(backend.endpoint),
      directory: import.meta.dirname,
      place: { ...where, ...pool },
      seed: (owner) => owner.script(sql),
      ...options.test,
    })
  })
  afterAll(async () => {
    await app?.close()
    await place?.drop()
  })
  return {
    backend,
    get app() {
      return app!
    },
  }
}

export interface Shop {
  readonly backend: Backend<typeof schema>
  readonly app: TestBackend
}

/** Who calls is the test backend's to say. */
const nobody = () => null
