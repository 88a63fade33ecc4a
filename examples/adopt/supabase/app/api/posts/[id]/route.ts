import { PostId, PostPatch, PostView } from '../../../../../inputs.ts'
import { endpoint } from '../../../../backend.ts'
import { ownPost } from '../../../../own-post.ts'

const slots = { params: PostId, owns: ownPost }

export const GET = endpoint({ ...slots, response: PostView }, ({ resource }) => resource)

export const PATCH = endpoint(
  { ...slots, body: PostPatch, response: PostView },
  async ({ db, resource, body, request }) => {
    const changed = db(request).from('posts').update(body).eq('id', resource.id)
    // Row-level security asks once more: a row that is not theirs any more is none, and single() of none is 404.
    return (await changed.select('id, title, slug').single().throwOnError()).data
  },
)

export const DELETE = endpoint(slots, async ({ db, resource, request }) => {
  // What row-level security did not let go was not removed: without asking what was, that would be a success.
  await db(request).from('posts').delete().eq('id', resource.id).select('id').single().throwOnError()
})
