import { and, eq } from 'drizzle-orm'
import { problem } from 'postern'
import { PostId, PostPatch, PostView } from '../../../../../inputs.ts'
import { endpoint } from '../../../../backend.ts'
import { posts } from '../../../../schema.ts'

const own = (id: string, authorId: string) => and(eq(posts.id, id), eq(posts.authorId, authorId))

export const GET = endpoint(
  {
    params: PostId,
    response: PostView,
    owns: ({ db, id, principal }) => db.query.posts.findFirst({ where: own(id, principal.id) }),
  },
  ({ resource }) => resource,
)

// Read, judged and written in one transaction of one's own: the row is locked until it is done.
export const PATCH = endpoint(
  { params: PostId, unowned: 'the transaction below looks for the owner', body: PostPatch, response: PostView },
  ({ db, params, principal, body }) =>
    db.transaction(async (tx) => {
      const [post] = await tx.select().from(posts).where(own(params.id, principal.id)).for('update')
      if (post === undefined) throw problem('not-found')
      const [changed] = await tx.update(posts).set(body).where(eq(posts.id, post.id)).returning()
      return changed
    }),
)

export const DELETE = endpoint(
  { params: PostId, owns: ({ db, id, principal }) => db.query.posts.findFirst({ where: own(id, principal.id) }) },
  async ({ db, resource, principal }) => {
    const removed = await db.delete(posts).where(own(resource.id, principal.id)).returning({ id: posts.id })
    if (removed.length === 0) throw problem('not-found')
  },
)
