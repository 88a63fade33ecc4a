'use server'

import { PostInput, PostView, RenameInput } from '../../../inputs.ts'
import { action } from '../../backend.ts'
import { ownPost } from '../../own-post.ts'

export const createPost = action(
  { input: PostInput, response: PostView, revalidate: '/posts' },
  ({ db, principal, input }) => db.post.create({ data: { ...input, authorId: principal.id } }),
)

export const renamePost = action(
  { input: RenameInput, owns: ownPost, response: PostView, revalidate: '/posts' },
  ({ db, resource, principal, input }) =>
    db.post.update({ where: { id: resource.id, authorId: principal.id }, data: { title: input.title } }),
)
