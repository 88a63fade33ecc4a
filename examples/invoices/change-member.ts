import { and, count, eq, or } from 'drizzle-orm'
import { type Principal, problem, type Scope } from 'postern'
import { members, organizations } from './schema/index.ts'
import type * as schema from './schema/index.ts'

type Member = typeof members.$inferSelect

/**
 * Opens the way to change or remove a member: answers the service. No principal may write `members`, so this is the one
 * role that PostgreSQL does not check. Owners may do all, admins what makes and touches no owner, and one owner stays.
 */
export async function changeMember(
  db: Scope<typeof schema>,
  principal: Principal,
  { id, organizationId }: Pick<Member, 'id' | 'organizationId'>,
  role: Member['role'] | null,
) {
  const service = db.asService('only the service writes members; the role of the caller is checked here')
  // Two owners who leave at the same moment would each see the other stay: one waits here until the other is gone.
  await service.select().from(organizations).where(eq(organizations.id, organizationId)).for('no key update')
  const two = await service
    .select()
    .from(members)
    .where(and(eq(members.organizationId, organizationId), or(eq(members.id, id), eq(members.userId, principal.id))))
    .limit(2)
  const [caller, member] = [two.find((each) => each.userId === principal.id), two.find((each) => each.id === id)]
  if (member === undefined) throw problem('not-found')
  if (caller?.role !== 'owner' && caller?.role !== 'admin') throw problem('forbidden')
  if (caller.role !== 'owner' && (member.role === 'owner' || role === 'owner')) {
    throw problem('forbidden', 'Only an owner makes, changes or removes an owner')
  }
  if (member.role === 'owner' && role !== 'owner') {
    const owners = and(eq(members.organizationId, organizationId), eq(members.role, 'owner'))
    const [{ left } = { left: 0 }] = await service.select({ left: count() }).from(members).where(owners)
    if (left < 2) throw problem('conflict', 'An organization keeps one owner: make another one first')
  }
  return service
}
