import { PostId, PostPatch, PostView } from '../../../../../inputs.ts'
import { endpoint } from '../../../../backend.ts'
import { ownPost } from '../../../../own-post.ts'

const slots = { params: PostId, owns: ownPost, response: PostView }

export const GET = endpoint(slots, ({ resource }) => resource)

// The owner stands in the change too: between the look and the change the post may have been given away.
export const PATCH = endpoint({ ...slots, body: PostPatch }, ({ db, resource, principal, body }) =>
  db.post.update({ where: { id: resource.id, authorId: principal.id }, data: body }),
)

export const DELETE = endpoint({ params: PostId, owns: ownPost }, async ({ db, resource, principal }) => {
  await db.post.delete({ where: { id: resource.id, authorId: principal.id } })
})
