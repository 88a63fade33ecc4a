import { id, table, text, timestamps, user } from 'postern/schema'

export const customers = table(
  'customers',
  { id: id(), name: text().notNull(), email: text().notNull(), ...timestamps() },
  { owner: user() },
)
