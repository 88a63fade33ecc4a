import { pgTable } from 'drizzle-orm/pg-core'
import {
  boolean,
  type Described,
  id,
  instant,
  jsonb,
  money,
  references,
  secret,
  table,
  text,
  timestamps,
  user,
  uuid,
} from '../../packages/postern/src/schema/index.js'

// One table for each way in which rows can belong to someone, and for each way in which they can refer to each other.

export const customers = table(
  'customers',
  { id: id(), name: text().notNull(), vip: boolean().notNull().default(false), ...timestamps() },
  { owner: user() },
)

export const rates = table(
  'rates',
  { id: id(), percent: money().notNull() },
  { unowned: { reason: 'a published price list', read: 'anyone' } },
)

export const terms = table(
  'terms',
  { id: id(), body: text().notNull(), data: jsonb() },
  { unowned: { reason: 'the same for all who signed in', read: 'signed-in' } },
)

export const audits = table(
  'audits',
  { id: id(), what: text().notNull() },
  { unowned: { reason: 'what the backend itself has done', read: 'service' } },
)

/** A parent of one's own, a parent of nobody's, and a column that may never leave. */
export const invoices = table(
  'invoices',
  {
    id: id(),
    customerId: references(customers),
    rateId: references(rates),
    number: text().notNull(),
    total: money().notNull(),
    dueAt: instant().notNull(),
    token: secret(text().notNull()),
    ...timestamps(),
  },
  { owner: user() },
)

/** A parent that may be missing, and goes with its children. */
export const payments = table(
  'payments',
  {
    id: id(),
    invoiceId: references(() => invoices, { optional: true, onDelete: 'cascade' }),
    amount: money().notNull(),
  },
  { owner: user() },
)

/** A parent of its own kind, which leaves its children behind when it goes. */
export const folders = table(
  'folders',
  {
    id: id(),
    name: text().notNull(),
    parentId: references((): Described => folders, { optional: true, onDelete: 'set null' }),
  },
  { owner: user({ column: 'keeperId' }) },
)

export const articles = table('articles', { id: id(), title: text().notNull() }, { owner: user({ read: 'anyone' }) })

/** On the row of another: it need only be readable. */
export const comments = table(
  'comments',
  { id: id(), articleId: references(articles, { to: 'readable' }), body: text().notNull() },
  { owner: user({ read: 'signed-in' }) },
)

/** The same rule towards a table whose rows only their owners see. */
export const pins = table(
  'pins',
  {
    id: id(),
    folderId: references(folders, { to: 'readable' }),
    customerId: references(customers, { to: 'readable', optional: true }),
  },
  { owner: user() },
)

// Tables of a library, as better-auth makes them: no rule, so the service's alone.

export const account = pgTable('account', { id: text('id').primaryKey(), email: text('email').notNull().unique() })

export const session = pgTable('session', {
  id: uuid('id').primaryKey().defaultRandom(),
  accountId: text('account_id')
    .notNull()
    .references(() => account.id, { onDelete: 'cascade' }),
  token: text('token').notNull(),
})
