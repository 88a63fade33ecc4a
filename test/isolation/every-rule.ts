import { pgTable } from 'drizzle-orm/pg-core'
import {
  boolean,
  type Described,
  id,
  instant,
  jsonb,
  money,
  organizationTables,
  references,
  secret,
  table,
  text,
  through,
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

// What belongs to an organization: by roles, by a column of another name, through parents, and across the rules.

export const { organizations, members, organization } = organizationTables({ roles: ['owner', 'editor', 'viewer'] })

/** Every member reads, some write; and a deleted one stays for the service alone. */
export const products = table(
  'products',
  { id: id(), name: text().notNull() },
  { owner: organization({ write: ['owner', 'editor'] }), softDelete: true },
)

/** Not every member reads. */
export const ledgers = table(
  'ledgers',
  { id: id(), title: text().notNull() },
  { owner: organization({ read: ['owner', 'viewer'], write: ['owner'] }) },
)

/** A letterbox: some write who may not read. */
export const tips = table(
  'tips',
  { id: id(), body: text().notNull() },
  { owner: organization({ read: ['owner'], write: ['owner', 'editor'] }) },
)

/** Every member does everything; a parent of the same organization, and one that is a user's. */
export const boards = table(
  'boards',
  {
    id: id(),
    name: text().notNull(),
    productId: references(products, { optional: true }),
    articleId: references(articles, { optional: true }),
    customerId: references(customers, { optional: true }),
  },
  { owner: organization({ column: 'teamId' }) },
)

/** A user's row that points at an organization's. */
export const wishes = table(
  'wishes',
  { id: id(), productId: references(products), text: text().notNull() },
  { owner: user({ read: 'signed-in' }) },
)

/** Through a parent of an organization, one that may be deleted; with a parent beside it that is a user's. */
export const parts = table(
  'parts',
  {
    id: id(),
    productId: references(products),
    articleId: references(articles, { optional: true }),
    name: text().notNull(),
  },
  { owner: through(products) },
)

export const ledgerLines = table(
  'ledger_lines',
  { id: id(), ledgerId: references(ledgers), text: text().notNull() },
  { owner: through(ledgers) },
)

/** Through a parent that is a user's, and through that. */
export const lines = table(
  'lines',
  { id: id(), invoiceId: references(invoices), text: text().notNull() },
  { owner: through(invoices) },
)

export const stamps = table(
  'stamps',
  { id: id(), lineId: references(lines), ink: text().notNull() },
  { owner: through(lines) },
)

/** Through a parent that anyone reads and only its author writes. */
export const figures = table(
  'figures',
  { id: id(), articleId: references(articles), caption: text().notNull() },
  { owner: through(articles) },
)

/** A link between a user's rows and an organization's: both must pass. */
export const features = table(
  'features',
  { id: id(), articleId: references(articles), productId: references(products), note: text().notNull() },
  { owner: through(articles, products) },
)

/** A user's row that is marked when it goes, and what goes with it. */
export const drafts = table('drafts', { id: id(), title: text().notNull() }, { owner: user(), softDelete: true })

export const draftPages = table(
  'draft_pages',
  { id: id(), draftId: references(drafts), body: text().notNull() },
  { owner: through(drafts), softDelete: true },
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
