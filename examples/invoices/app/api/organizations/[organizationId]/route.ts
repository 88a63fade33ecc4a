import { row } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { organizations } from '../../../../schema/index.ts'

export const GET = endpoint({ sees: { table: organizations, param: 'organizationId' } }, row())
