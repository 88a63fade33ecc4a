'use server'

import { redirect } from 'next/navigation'
import { action } from '../../backend.ts'
import { CommentOnInput } from '../../inputs.ts'
import { ownAuthor } from '../../own-author.ts'
import { posts } from '../../schema/index.ts'
import { keeping } from './keeping.ts'

const create = action(
  { input: CommentOnInput, sees: { table: posts, param: 'postId' }, revalidate: '/posts/[id]' },
  async ({ db, principal, resource, input }) => {
    await db.comments.create({ postId: resource.id, authorId: await ownAuthor(db, principal), text: input.text })
    redirect(`/posts/${resource.id}#comments`)
  },
)

export const createComment = keeping(create)
