import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { LineInput } from '../../../../../inputs.ts'
import { invoiceLines, invoices } from '../../../../../schema/index.ts'

const query = listQuery(invoiceLines, { order: 'id' })

export const GET = endpoint({ sees: invoices, query }, page(invoiceLines, { under: 'invoice' }))
export const POST = endpoint({ owns: invoices, body: LineInput }, create(invoiceLines, { under: 'invoice' }))
