import { index, unique } from 'drizzle-orm/pg-core'
import { id, instant, money, references, table, text, timestamps, user } from 'postern/schema'
import { customers } from './customers.ts'

export const invoiceStatuses = ['draft', 'sent', 'paid', 'void'] as const

export const invoices = table(
  'invoices',
  {
    id: id(),
    customerId: references(customers),
    number: text().notNull(),
    total: money().notNull(),
    currency: text().notNull(),
    dueAt: instant().notNull(),
    status: text({ enum: invoiceStatuses }).notNull().default('draft'),
    ...timestamps(),
  },
  { owner: user() },
  (self) => [
    unique('invoices_number_key').on(self.ownerId, self.number),
    // ?sort=dueAt, for one owner: without it every page would sort all of the owner's invoices.
    index('invoices_due_at_idx').on(self.ownerId, self.dueAt, self.id),
  ],
)
