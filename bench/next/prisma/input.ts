import { z } from 'zod'

export const PostInput = z.object({
  authorId: z.string().regex(/^[1-9]\d{0,18}$/),
  title: z.string().min(1).max(200),
  body: z.string().min(1).max(10_000),
})
