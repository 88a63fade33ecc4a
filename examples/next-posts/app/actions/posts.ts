'use server'

import { redirect } from 'next/navigation'
import { action } from '../../backend.ts'
import { EditInput, IdInput, PostInput } from '../../inputs.ts'
import { ownAuthor } from '../../own-author.ts'
import { posts } from '../../schema/index.ts'
import { keeping } from './keeping.ts'

const revalidate = ['/', '/archive', '/posts/[id]']

const create = action({ input: PostInput, revalidate }, async ({ db, principal, input }) => {
  const { id } = await db.posts.create({ ...input, authorId: await ownAuthor(db, principal) })
  redirect(`/posts/${id}`)
})

const edit = action({ input: EditInput, owns: posts, revalidate }, async ({ db, resource, input }) => {
  await db.posts.update(resource.id, { title: input.title, body: input.body })
  redirect(`/posts/${resource.id}`)
})

const remove = action({ input: IdInput, owns: posts, revalidate }, async ({ db, resource }) => {
  await db.posts.remove(resource.id)
  redirect('/')
})

export const createPost = keeping(create)
export const editPost = keeping(edit)
export const deletePost = keeping(remove)
