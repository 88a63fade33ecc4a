import { z } from 'zod'
import { type Backend, type BackendOptions, createBackend } from '../src/backend.js'
import { database, type DatabaseOptions } from '../src/database/index.js'
import type { Endpoint } from '../src/endpoint.js'
import * as columns from '../src/schema/index.js'
import type { RouteModules, StatementRules, TestBackend } from '../src/testing/index.js'
import { underTest } from './under-test.js'

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
  readonly backend?: Partial<Omit<BackendOptions<never>, 'database'>>
  readonly test?: StatementRules
  readonly database?: Partial<Pick<DatabaseOptions<typeof schema>, 'poolSize' | 'poolWaitMs' | 'statementTimeoutMs'>>
}

/** A small shop under test, on a database of its own for the suite that calls this. `app` is there once tests run. */
export function shop(routes: (endpoint: ShopEndpoint) => RouteModules, options: ShopOptions = {}): Shop {
  const { poolSize, poolWaitMs, statementTimeoutMs } = options.database ?? {}
  const db = database({ schema, directory: 'memory://', ...(statementTimeoutMs ? { statementTimeoutMs } : {}) })
  const backend = createBackend({ database: db, auth: nobody, ...options.backend })
  const pool = { ...(poolSize ? { poolSize } : {}), ...(poolWaitMs ? { poolWaitMs } : {}) }
  const tested = underTest({
    backend,
    schema,
    routes,
    on: options.on ?? 'embedded',
    pool,
    ...(options.test ? { test: options.test } : {}),
  })
  return {
    backend,
    get app() {
      return tested.app
    },
  }
}

export interface Shop {
  readonly backend: Backend<typeof schema>
  readonly app: TestBackend
}

/** Who calls is the test backend's to say. */
const nobody = () => null
