import { patchOf, remove, row, update } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { InvoiceInput } from '../../../../inputs.ts'
import { invoices } from '../../../../schema/index.ts'

export const GET = endpoint({ sees: invoices }, row({ with: { customer: true } }))
export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
export const DELETE = endpoint({ owns: invoices }, remove())
