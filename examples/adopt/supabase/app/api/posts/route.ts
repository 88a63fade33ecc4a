import { PostInput, PostList, PostsView, PostView } from '../../../../inputs.ts'
import { endpoint } from '../../../backend.ts'

export const GET = endpoint({ query: PostList, response: PostsView }, async ({ db, principal, query, request }) => {
  const from = (query.page - 1) * query.limit
  const { data } = await db(request)
    .from('posts')
    .select('id, title, slug')
    .eq('author_id', principal.id)
    .order('created_at', { ascending: false })
    .order('id', { ascending: false })
    .range(from, from + query.limit - 1)
    .throwOnError()
  return { data, page: query.page }
})

export const POST = endpoint(
  { body: PostInput, response: PostView, status: 201 },
  async ({ db, principal, body, request }) => {
    const made = db(request)
      .from('posts')
      .insert({ ...body, author_id: principal.id })
    return (await made.select('id, title, slug').single().throwOnError()).data
  },
)
