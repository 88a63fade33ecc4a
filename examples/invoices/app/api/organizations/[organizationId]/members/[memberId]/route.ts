import { and, eq, inArray, isNull } from 'drizzle-orm'
import { endpoint } from '../../../../../../backend.ts'
import { changeMember } from '../../../../../../change-member.ts'
import { RoleInput } from '../../../../../../inputs.ts'
import { invitations, members, user } from '../../../../../../schema/index.ts'

const sees = { table: members, param: 'memberId' }

export const PATCH = endpoint({ sees, body: RoleInput }, async ({ db, principal, resource, body }) => {
  const service = await changeMember(db, principal, resource, body.role)
  return service.members.update(resource.id, body)
})

export const DELETE = endpoint({ sees }, async ({ db, principal, resource }) => {
  const service = await changeMember(db, principal, resource, null)
  await service.members.remove(resource.id)
  // Another invitation, still open, would let them in again.
  const theirs = service.select({ email: user.email }).from(user).where(eq(user.id, resource.userId))
  const open = and(eq(invitations.organizationId, resource.organizationId), isNull(invitations.acceptedAt))
  await service.delete(invitations).where(and(open, inArray(invitations.email, theirs)))
})
