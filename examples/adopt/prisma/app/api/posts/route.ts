import { PostInput, PostList, PostsView, PostView } from '../../../../inputs.ts'
import { endpoint } from '../../../backend.ts'

export const GET = endpoint({ query: PostList, response: PostsView }, async ({ db, principal, query }) => {
  const data = await db.post.findMany({
    where: { authorId: principal.id },
    skip: (query.page - 1) * query.limit,
    take: query.limit,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  })
  return { data, page: query.page }
})

export const POST = endpoint({ body: PostInput, response: PostView, status: 201 }, ({ db, principal, body }) =>
  db.post.create({ data: { ...body, authorId: principal.id } }),
)
