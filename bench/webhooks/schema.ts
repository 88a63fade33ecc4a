import { id, table, text, user } from 'postern/schema'

/** What a delivery is about: it says which order was paid. */
export const orders = table('orders', { id: id(), number: text().notNull(), paidBy: text() }, { owner: user() })
