import { id, table, text, timestamps } from 'postern/schema'
import { organization } from './organizations.ts'

/**
 * The address book of an organization: every member reads and writes it. An invoice is one user's, and so is the customer
 * it names: whoever bills a shared one copies it first. So nobody who leaves takes the customer off invoices that are
 * sent, and nobody's edit changes what another's invoice says.
 */
export const sharedCustomers = table(
  'shared_customers',
  { id: id(), name: text().notNull(), email: text().notNull(), ...timestamps() },
  { owner: organization() },
)
