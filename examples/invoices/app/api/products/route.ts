import { create, listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { ProductInput } from '../../../inputs.ts'
import { products } from '../../../schema/index.ts'

const query = listQuery(products, { sort: ['name', 'price'], filter: ['sku'] })

/** Of the organization that the header `x-organization-id` names; without it, of all that the caller is a member of. */
export const GET = endpoint({ query }, page(products))
export const POST = endpoint({ body: ProductInput }, create(products))
