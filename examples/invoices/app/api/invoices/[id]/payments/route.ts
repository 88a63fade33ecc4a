import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { PaymentInput } from '../../../../../inputs.ts'
import { invoices, payments } from '../../../../../schema/index.ts'

const query = listQuery(payments, { sort: ['paidAt'] })

export const GET = endpoint({ sees: invoices, query }, page(payments, { under: 'invoice' }))
export const POST = endpoint({ owns: invoices, body: PaymentInput }, create(payments, { under: 'invoice' }))
