import { count, sum } from 'drizzle-orm'
import { endpoint } from '../../../../backend.ts'
import { invoices } from '../../../../schema/index.ts'

/** Over all users, so it goes round ownership, says why, and shows sums only. */
export const GET = endpoint({ auth: { role: 'admin' } }, ({ db }) =>
  db
    .asService('the summary counts the invoices of every user')
    .select({ status: invoices.status, currency: invoices.currency, invoices: count(), total: sum(invoices.total) })
    .from(invoices)
    .groupBy(invoices.status, invoices.currency)
    .orderBy(invoices.currency, invoices.status)
    .limit(100),
)
