import { z } from 'zod'

export const PostInput = z.object({
  title: z.string().trim().min(1, 'Give it a title').max(200, 'A title has 200 characters at most'),
  body: z.string().trim().min(1, 'Write something').max(20_000, 'A post has 20,000 characters at most'),
})

export const CommentInput = z.object({
  text: z.string().trim().min(1, 'Write something').max(2_000, 'A comment has 2,000 characters at most'),
})

export const AuthorInput = z.object({
  name: z.string().trim().min(1, 'Give your name').max(100, 'A name has 100 characters at most'),
  about: z.string().trim().max(500, 'At most 500 characters').optional(),
})
