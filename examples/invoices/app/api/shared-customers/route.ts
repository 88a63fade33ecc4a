import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { CustomerInput } from '../../../inputs.ts'
import { sharedCustomers } from '../../../schema/index.ts'

const query = listQuery(sharedCustomers, { sort: ['name'], filter: ['email'] })

export const GET = endpoint({ query }, page(sharedCustomers))
export const POST = endpoint({ body: CustomerInput }, create(sharedCustomers))
