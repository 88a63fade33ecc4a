import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { OrganizationInput } from '../../../inputs.ts'
import { organizations } from '../../../schema/index.ts'

export const GET = endpoint({ query: listQuery(organizations, { sort: ['name'] }) }, page(organizations))

export const POST = endpoint({ body: OrganizationInput }, async ({ db, principal, body }) => {
  const service = db.asService('whoever founds an organization is not a member of it yet')
  const organization = await service.organizations.create(body)
  await service.members.create({ organizationId: organization.id, userId: principal.id, role: 'owner' })
  return organization
})
