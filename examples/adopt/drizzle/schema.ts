import { index, pgTable, text, timestamp, uuid, varchar } from 'drizzle-orm/pg-core'

export const posts = pgTable(
  'posts',
  {
    id: uuid().primaryKey().defaultRandom(),
    authorId: text('author_id').notNull(),
    title: varchar({ length: 200 }).notNull(),
    slug: text().notNull().unique(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  (table) => [index('posts_author_idx').on(table.authorId, table.createdAt, table.id)],
)
