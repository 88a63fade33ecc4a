import { listQuery, page } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { members, organizations } from '../../../../../schema/index.ts'

const query = listQuery(members, { sort: ['createdAt'], filter: ['role'] })

export const GET = endpoint(
  { sees: { table: organizations, param: 'organizationId' }, query },
  page(members, { under: 'organization' }),
)
