import { id, references, table, text, timestamps, user } from 'postern/schema'
import { authors } from './authors.ts'

/** The composite key behind `references(authors)`: nobody writes under another's name. */
export const posts = table(
  'posts',
  {
    id: id(),
    authorId: references(authors),
    title: text().notNull(),
    body: text().notNull(),
    ...timestamps(),
  },
  { owner: user({ read: 'anyone' }) },
)
