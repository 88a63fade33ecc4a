import { id, instant, money, references, table, text, timestamps, user } from 'postern/schema'
import { invoices } from './invoices.ts'

export const payments = table(
  'payments',
  {
    id: id(),
    invoiceId: references(invoices, { onDelete: 'cascade' }),
    amount: money().notNull(),
    paidAt: instant().notNull(),
    note: text(),
    ...timestamps(),
  },
  { owner: user() },
)
