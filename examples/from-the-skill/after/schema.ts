import { id, integer, table, user } from 'postern/schema'

export const wallets = table('wallets', { id: id(), credits: integer().notNull().default(0) }, { owner: user() })
