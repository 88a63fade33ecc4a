import { problem } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { invoices } from '../../../../../schema/index.ts'

export const POST = endpoint({ owns: invoices }, ({ db, resource }) => {
  if (resource.status !== 'draft') throw problem('conflict', 'This invoice has been sent already')
  return db.invoices.update(resource.id, { status: 'sent' })
})
