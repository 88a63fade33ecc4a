import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { CustomerInput } from '../../../inputs.ts'
import { customers } from '../../../schema/index.ts'

export const GET = endpoint({ query: listQuery(customers, { sort: ['name'], filter: ['email'] }) }, page(customers))
export const POST = endpoint({ body: CustomerInput }, create(customers))
