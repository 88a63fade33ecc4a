import { sql } from 'drizzle-orm'
import { organizationTables, id, instant, secret, table, text, timestamps } from 'postern/schema'

export const { organizations, members, organization } = organizationTables({ roles: ['owner', 'admin', 'member'] })

/** Nobody is invited as an owner: an admin could invite themselves, under another address. */
export const invitedRoles = ['admin', 'member'] as const

const managers = ['owner', 'admin'] as const

export const invitations = table(
  'invitations',
  {
    id: id(),
    email: text().notNull(),
    role: text({ enum: invitedRoles }).notNull(),
    // Of the token only this is kept: who reads a backup can't accept with it, and a look-up by it tells no timing.
    tokenHash: secret(text().notNull().unique()),
    expiresAt: instant()
      .notNull()
      .default(sql`now() + interval '7 days'`),
    acceptedAt: instant(),
    ...timestamps(),
  },
  { owner: organization({ read: managers, write: managers }) },
)
