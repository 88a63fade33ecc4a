import { patchOf } from 'postern'
import { z } from 'zod'

/** What can't be an id is 400, and never reaches the database client. */
export const PostId = z.object({ id: z.uuid() })

export const PostInput = z.strictObject({
  title: z.string().trim().min(1).max(200),
  slug: z.string().regex(/^[a-z\d][a-z\d-]{0,79}$/),
})
export const RenameInput = z.strictObject({ id: z.uuid(), title: PostInput.shape.title })
export const PostPatch = patchOf(PostInput)

/** A list that has an end, whatever is asked for. */
export const PostList = z.object({
  page: z.coerce.number().int().min(1).max(500).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** What leaves: what is not named here does not. */
export const PostView = z.object({ id: z.string(), title: z.string(), slug: z.string() })
export const PostsView = z.object({ data: z.array(PostView), page: z.number() })
