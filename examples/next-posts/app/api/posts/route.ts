import { listQuery, page } from 'postern'
import { endpoint } from '../../../backend.ts'
import { PostInput } from '../../../inputs.ts'
import { ownAuthor } from '../../../own-author.ts'
import { posts } from '../../../schema/index.ts'

const query = listQuery(posts, { sort: ['createdAt', 'title'], filter: ['authorId'], search: ['title'] })

export const GET = endpoint({ public: 'posts are published', query }, page(posts, { with: { author: true } }))

export const POST = endpoint({ body: PostInput }, async ({ db, principal, body }) =>
  db.posts.create({ ...body, authorId: await ownAuthor(db, principal) }),
)
