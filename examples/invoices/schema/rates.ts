import { id, money, table, text } from 'postern/schema'

export const rates = table(
  'rates',
  { id: id(), plan: text().notNull().unique(), monthly: money().notNull(), currency: text().notNull() },
  { unowned: { reason: 'the price list is the same for everyone', read: 'anyone' } },
)
