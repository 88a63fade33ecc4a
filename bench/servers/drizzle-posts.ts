import { and, desc, eq, relations } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { Pool } from 'pg'

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 }).notNull().defaultNow()
const key = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity()

const authors = pgTable('authors', {
  id: key(),
  name: text('name').notNull(),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at').$onUpdate(() => new Date()),
  ownerId: text('owner_id').notNull(),
})

const posts = pgTable('posts', {
  id: key(),
  authorId: bigint('author_id', { mode: 'number' })
    .notNull()
    .references(() => authors.id),
  title: text('title').notNull(),
  body: text('body').notNull(),
  createdAt: instant('created_at'),
  updatedAt: instant('updated_at').$onUpdate(() => new Date()),
  ownerId: text('owner_id').notNull(),
})

const postsRelations = relations(posts, ({ one }) => ({
  author: one(authors, { fields: [posts.authorId], references: [authors.id] }),
}))

const PAGE = 20

/** What one writes into a post. */
export interface PostValues {
  readonly authorId: number
  readonly title: string
  readonly body: string
}

/** The queries of the servers on Drizzle, as its documentation writes them: the relational API for what is read. */
export function drizzlePosts(connectionString: string) {
  const pool = new Pool({ connectionString, max: 10 })
  const db = drizzle(pool, { schema: { authors, posts, postsRelations } })
  const owned = (owner: string, id: number) => and(eq(posts.id, id), eq(posts.ownerId, owner))
  return {
    async list(owner: string) {
      const rows = await db.query.posts.findMany({
        where: eq(posts.ownerId, owner),
        orderBy: desc(posts.id),
        limit: PAGE + 1,
        with: { author: true },
      })
      const data = rows.slice(0, PAGE)
      return { data, next: rows.length > PAGE ? data.at(-1)!.id : null }
    },
    read: (owner: string, id: number) => db.query.posts.findFirst({ where: owned(owner, id) }),
    async create(owner: string, values: PostValues) {
      const [row] = await db
        .insert(posts)
        .values({ ...values, ownerId: owner })
        .returning()
      return row!
    },
    async update(owner: string, id: number, values: { readonly [K in keyof PostValues]?: PostValues[K] | undefined }) {
      const [row] = await db.update(posts).set(values).where(owned(owner, id)).returning()
      return row
    },
  }
}
