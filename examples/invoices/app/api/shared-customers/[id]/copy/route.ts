import { endpoint } from '../../../../../backend.ts'
import { sharedCustomers } from '../../../../../schema/index.ts'

/** Makes a customer of the caller's own, to write invoices to. */
export const POST = endpoint({ sees: sharedCustomers }, ({ db, resource: { name, email } }) =>
  db.customers.create({ name, email }),
)
