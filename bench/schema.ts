import { id, references, table, text, timestamps, user } from 'postern/schema'

/** Who writes: readable by anyone, one for each user. */
export const authors = table(
  'authors',
  { id: id(), name: text().notNull(), ...timestamps() },
  { owner: user({ read: 'anyone' }) },
)

/** What is listed, read, created and updated: each user's own. */
export const posts = table(
  'posts',
  { id: id(), authorId: references(authors), title: text().notNull(), body: text().notNull(), ...timestamps() },
  { owner: user() },
)
