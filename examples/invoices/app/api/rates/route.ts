import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { rates } from '../../../schema/index.ts'

/** Prices change a few times a year: whoever has the list may use it for five minutes without asking again. */
export const GET = endpoint(
  { public: 'published price list', query: listQuery(rates), cache: { maxAge: 300, staleWhileRevalidate: 3600 } },
  page(rates),
)
