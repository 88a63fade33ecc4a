import { z } from 'zod'

export const PostInput = z.strictObject({
  title: z.string().trim().min(1, 'Give it a title').max(200, 'A title has 200 characters at most'),
  body: z.string().trim().min(1, 'Write something').max(20_000, 'A post has 20,000 characters at most'),
})

export const EditInput = PostInput.extend({ id: z.string() })

export const IdInput = z.strictObject({ id: z.string() })

export const CommentInput = z.strictObject({
  text: z.string().trim().min(1, 'Write something').max(2_000, 'A comment has 2,000 characters at most'),
})

export const CommentOnInput = CommentInput.extend({ postId: z.string() })

export const AuthorInput = z.strictObject({
  name: z.string().trim().min(1, 'Give your name').max(100, 'A name has 100 characters at most'),
  about: z.string().trim().max(500, 'At most 500 characters').optional(),
})

export const SignInInput = z.strictObject({
  email: z.email('Give an e-mail address').max(320),
  password: z.string().min(1, 'Give your password').max(128),
})

export const SignUpInput = z.strictObject({
  name: z.string().trim().min(1, 'Give a name').max(100, 'A name has 100 characters at most'),
  email: z.email('Give an e-mail address').max(320),
  password: z.string().min(8, 'A password has at least 8 characters').max(128, 'A password has 128 characters at most'),
})
