import type { MembershipOwner, OrganizationOwner } from './owner.js'
import {
  ACTIVE_ORGANIZATION,
  CALLER,
  CALLER_ID,
  columnAt,
  literal,
  type OwnerRules,
  type RuledTable,
  SIGNED_IN,
} from './rule-text.js'

/**
 * Rows of an organization: the caller must be a member, with a role that may. Where the caller names the organization they
 * work in, only its rows are there: naming one narrows and never widens.
 *
 * `= any(array(select …))` is computed once a statement; a correlated EXISTS, once a row, took 2,000 times as long over a
 * million rows. Members see their own memberships by a plain policy, so this reads `members` without asking itself.
 */
export function organizationRules(
  { columns }: RuledTable,
  owner: OrganizationOwner,
  at: string | undefined,
): OwnerRules {
  const column = columnAt(at, columns[owner.column]!.sqlName)
  const rule = (roles: readonly string[] | null) => ({
    to: SIGNED_IN,
    using: `${column} = any(array(${organizationsOfCaller(owner.members().name, roles)}))`,
  })
  return { read: rule(owner.read), write: rule(owner.write) }
}

/**
 * An organization is there for its members, and so are their memberships. Only the service writes either: whoever could
 * write memberships could let themselves in.
 */
export function membershipRules(
  { columns, idKey }: RuledTable,
  owner: MembershipOwner,
  at: string | undefined,
): OwnerRules {
  if (owner.of === 'organizations') {
    const mine = `${columnAt(at, columns[idKey]!.sqlName)} = any(array(${organizationsOfCaller(owner.members().name, null)}))`
    return { read: { to: SIGNED_IN, using: mine }, write: null }
  }
  const own = `${columnAt(at, columns['userId']!.sqlName)} = ${CALLER}`
  // A policy on members that read members would ask itself for ever: a function of the service role reads them instead.
  const fellow = `${columnAt(at, columns['organizationId']!.sqlName)} = any(array(select ${CALLER_ORGANIZATIONS}()))`
  return { read: { to: SIGNED_IN, using: `${own} or ${fellow}` }, write: null }
}

/** The function that tells a caller's organizations; the migration that first needs it makes it. */
export const CALLER_ORGANIZATIONS = 'postern.caller_organizations'

/**
 * The SQL that makes it. It belongs to the service role and runs as that, so that it may read every membership; it tells
 * nothing but the caller's own. Its search path is empty, or a caller could put a table of their own in the place of
 * `members`. What others may do with it is said before it changes hands: after that a migration that inherits nothing from
 * the service role would be heard with no more than a warning, and PUBLIC would keep the right to run it.
 */
export const CALLER_ORGANIZATIONS_SQL = `create schema if not exists postern;
create or replace function ${CALLER_ORGANIZATIONS}() returns setof bigint
language sql stable security definer set search_path = ''
as $$ select organization_id from public.members where user_id = ${CALLER_ID} $$;
revoke all on function ${CALLER_ORGANIZATIONS}() from public;
grant execute on function ${CALLER_ORGANIZATIONS}() to authenticated, service_role;
grant usage, create on schema postern to service_role;
alter function ${CALLER_ORGANIZATIONS}() owner to service_role;
revoke create on schema postern from service_role;
grant usage on schema postern to authenticated;`

function organizationsOfCaller(members: string, roles: readonly string[] | null): string {
  const allowed = roles === null ? '' : ` and m."role" in (${roles.map(literal).join(', ')})`
  const active = `(${ACTIVE_ORGANIZATION} is null or m."organization_id" = ${ACTIVE_ORGANIZATION})`
  return `select m."organization_id" from "${members}" m where m."user_id" = ${CALLER}${allowed} and ${active}`
}
