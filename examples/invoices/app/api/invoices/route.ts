import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { InvoiceInput } from '../../../inputs.ts'
import { invoices } from '../../../schema/index.ts'

const query = listQuery(invoices, { sort: ['dueAt', 'createdAt', 'number'], filter: ['status', 'customerId'] })

export const GET = endpoint({ query }, page(invoices, { with: { customer: true } }))
export const POST = endpoint({ body: InvoiceInput }, create(invoices))
