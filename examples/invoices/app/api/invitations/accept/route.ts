import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { problem } from 'postern'
import { endpoint } from '../../../../backend.ts'
import { AcceptInput } from '../../../../inputs.ts'
import { hashOfToken } from '../../../../invitation-token.ts'
import { invitations, members } from '../../../../schema/index.ts'

export const POST = endpoint({ body: AcceptInput }, async ({ db, principal, body }) => {
  const service = db.asService('whoever is invited is not a member yet')
  // One statement asks all and marks it: of two that come at once, the second finds it used.
  const [invitation] = await service
    .update(invitations)
    .set({ acceptedAt: sql`now()` })
    .where(
      and(
        eq(invitations.tokenHash, hashOfToken(body.token)),
        eq(invitations.email, String(principal.claims['email'] ?? '').toLowerCase()),
        isNull(invitations.acceptedAt),
        gt(invitations.expiresAt, sql`now()`),
      ),
    )
    .returning()
  if (invitation === undefined) throw problem('not-found')
  const { organizationId, role } = invitation
  const [member] = await service.insert(members).values({ organizationId, userId: principal.id, role }).returning()
  return member
})
