import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { rates } from '../../../schema/index.ts'

export const GET = endpoint({ public: 'published price list', query: listQuery(rates) }, page(rates))
