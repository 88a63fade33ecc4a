import { desc, eq } from 'drizzle-orm'
import { PostInput, PostList, PostsView, PostView } from '../../../../inputs.ts'
import { endpoint } from '../../../backend.ts'
import { posts } from '../../../schema.ts'

export const GET = endpoint({ query: PostList, response: PostsView }, async ({ db, principal, query }) => {
  const data = await db.query.posts.findMany({
    where: eq(posts.authorId, principal.id),
    offset: (query.page - 1) * query.limit,
    limit: query.limit,
    orderBy: [desc(posts.createdAt), desc(posts.id)],
  })
  return { data, page: query.page }
})

export const POST = endpoint({ body: PostInput, response: PostView, status: 201 }, async ({ db, principal, body }) => {
  const [made] = await db
    .insert(posts)
    .values({ ...body, authorId: principal.id })
    .returning()
  return made
})
