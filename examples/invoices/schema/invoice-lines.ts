import { id, integer, money, references, table, text, through, timestamps } from 'postern/schema'
import { invoices } from './invoices.ts'
import { products } from './products.ts'

/** A line has no owner of its own: it is whose its invoice is. */
export const invoiceLines = table(
  'invoice_lines',
  {
    id: id(),
    invoiceId: references(invoices, { onDelete: 'cascade' }),
    // The invoice is a user's, the product an organization's: whoever writes the line must be able to read it.
    productId: references(products, { to: 'readable', optional: true }),
    description: text().notNull(),
    quantity: integer().notNull(),
    price: money().notNull(),
    ...timestamps(),
  },
  { owner: through(invoices) },
)
