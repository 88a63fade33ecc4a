import { listQuery } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { InvitationInput } from '../../../../../inputs.ts'
import { hashOfToken, newToken } from '../../../../../invitation-token.ts'
import { invitations, organizations } from '../../../../../schema/index.ts'

const sees = { table: organizations, param: 'organizationId' }
const list = listQuery(invitations, { sort: ['createdAt', 'expiresAt'], filter: ['email'] })

export const GET = endpoint({ sees, query: list }, ({ db, query, resource }) =>
  db.invitations.page({ ...query, filter: { ...query.filter, organizationId: resource.id } }),
)

/** The answer has the token, this once, because no mail is sent here: in earnest it would go to the address alone. */
export const POST = endpoint({ sees, body: InvitationInput, status: 201 }, async ({ db, resource, body, log }) => {
  const token = newToken()
  const values = { ...body, organizationId: resource.id, tokenHash: hashOfToken(token) }
  const { id, email, role, expiresAt } = invitations
  const [invitation] = await db.insert(invitations).values(values).returning({ id, email, role, expiresAt })
  log.info('An invitation would be mailed now', { invitation: invitation?.id, to: body.email })
  return { ...invitation, token }
})
