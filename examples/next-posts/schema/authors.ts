import { unique } from 'drizzle-orm/pg-core'
import { id, table, text, timestamps, user } from 'postern/schema'

/**
 * What everybody may know of somebody who signed up. better-auth's `user` holds their address and stays the service's alone:
 * a post shows its author from here.
 */
export const authors = table(
  'authors',
  { id: id(), name: text().notNull(), about: text(), ...timestamps() },
  { owner: user({ read: 'anyone' }) },
  (self) => [unique('authors_owner_id_key').on(self.ownerId)],
)
