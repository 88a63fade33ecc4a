import { sql } from 'drizzle-orm'
import { uniqueIndex } from 'drizzle-orm/pg-core'
import { id, money, table, text, timestamps, version } from 'postern/schema'
import { organization } from './organizations.ts'

/**
 * What an organization sells. Deleting one hides it, because lines of old invoices still name it. It has a version, because
 * several people write it: who sends the `ETag` they read as `If-Match` overwrites nobody's change.
 */
export const products = table(
  'products',
  {
    id: id(),
    sku: text().notNull(),
    name: text().notNull(),
    price: money().notNull(),
    version: version(),
    ...timestamps(),
  },
  { owner: organization({ write: ['owner', 'admin'] }), softDelete: true },
  // A deleted product gives its number free.
  (self) => [
    uniqueIndex('products_sku_key')
      .on(self.organizationId, self.sku)
      .where(sql`deleted_at is null`),
  ],
)
