import { id, references, table, text, timestamps, user } from 'postern/schema'
import { authors } from './authors.ts'
import { posts } from './posts.ts'

export const comments = table(
  'comments',
  {
    id: id(),
    // Anybody's post, if the writer may read it.
    postId: references(posts, { to: 'readable', onDelete: 'cascade' }),
    authorId: references(authors),
    text: text().notNull(),
    ...timestamps(),
  },
  { owner: user({ read: 'anyone' }) },
)
