import { listQuery, page } from 'postern'
import { endpoint } from '../../../../../backend.ts'
import { CommentInput } from '../../../../../inputs.ts'
import { ownAuthor } from '../../../../../own-author.ts'
import { comments, posts } from '../../../../../schema/index.ts'

const query = listQuery(comments, { order: 'id' })

export const GET = endpoint(
  { public: 'comments are published', sees: posts, query },
  page(comments, { under: 'post', with: { author: true } }),
)

export const POST = endpoint({ sees: posts, body: CommentInput }, async ({ db, principal, resource, body }) =>
  db.comments.create({ ...body, postId: resource.id, authorId: await ownAuthor(db, principal) }),
)
