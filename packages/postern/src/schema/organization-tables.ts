import { text, unique } from 'drizzle-orm/pg-core'
import { id, timestamps } from './columns.js'
import { type Described, FACTS, type TableFacts } from './facts.js'
import type { MembershipOwner, OrganizationOwner } from './owner.js'
import { references } from './references.js'
import { table } from './table.js'

/** Which of an organization's members may do what: roles by name. Default: every member. */
export interface OrganizationOptions<Role extends string, Column extends string> {
  readonly read?: readonly Role[]
  readonly write?: readonly Role[]
  /** The key of the owner column. Default: `organizationId`. */
  readonly column?: Column
}

/**
 * The tables of organizations and their members, and the owner rule for everything that belongs to an organization.
 * Everyone sees the organizations they are a member of, and who else is. Only the service writes the two: whoever could
 * write memberships could let themselves in, so endpoints that do it check the caller's role first.
 *
 * @example
 * export const { organizations, members, organization } = organizationTables({ roles: ['owner', 'admin', 'member'] })
 * export const products = table('products', { id: id(), name: text().notNull() }, { owner: organization({ write: ['owner', 'admin'] }) })
 */
export function organizationTables<const Role extends string>(options: { readonly roles: readonly [Role, ...Role[]] }) {
  const { roles } = options
  const membership = <Of extends MembershipOwner['of']>(of: Of) =>
    ({ kind: 'membership', of, members: membersFacts }) as const
  const organizations = table(
    'organizations',
    { id: id(), name: text().notNull(), ...timestamps() },
    { owner: membership('organizations') },
  )
  const members = table(
    'members',
    {
      id: id(),
      organizationId: references(organizations, { to: 'readable', onDelete: 'cascade' }),
      userId: text().notNull(),
      role: text({ enum: roles as readonly [Role, ...Role[]] }).notNull(),
      ...timestamps(),
    },
    { owner: membership('members') },
    // What every policy of an organization's tables asks: the organizations of one user.
    (self) => [unique('members_user_organization_key').on(self.userId, self.organizationId)],
  )
  function membersFacts(): TableFacts {
    return (members as Described)[FACTS]
  }

  /** Each row belongs to an organization: by default the one that the caller works in. */
  function organization<const Column extends string = 'organizationId'>(
    rule: OrganizationOptions<Role, Column> = {},
  ): OrganizationOwner<NoInfer<Column>> {
    const unknown = [...(rule.read ?? []), ...(rule.write ?? [])].find((role) => !roles.includes(role))
    if (unknown !== undefined)
      throw new TypeError(`organization(): there is no role "${unknown}"; there are ${roles.join(', ')}`)
    const empty = (['read', 'write'] as const).find((may) => rule[may]?.length === 0)
    if (empty !== undefined)
      throw new TypeError(
        `organization(): ${empty}: [] lets nobody ${empty}; name a role, or leave it out for every member`,
      )
    return {
      kind: 'organization',
      column: rule.column ?? ('organizationId' as Column),
      read: rule.read ?? null,
      write: rule.write ?? null,
      members: membersFacts,
      organizations: () => organizations as Described,
    }
  }
  return { organizations, members, organization }
}
