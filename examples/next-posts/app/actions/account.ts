'use server'

import { eq } from 'drizzle-orm'
import { redirect } from 'next/navigation'
import { action } from '../../backend.ts'
import { AuthorInput } from '../../inputs.ts'
import { authors } from '../../schema/index.ts'
import { keeping } from './keeping.ts'

const save = action({ input: AuthorInput, revalidate: ['/', '/archive', '/posts/[id]'] }, async (given) => {
  const { db, principal, input } = given
  const [own] = await db.select({ id: authors.id }).from(authors).where(eq(authors.ownerId, principal.id)).limit(1)
  await (own === undefined ? db.authors.create(input) : db.authors.update(own.id, input))
  redirect('/account?saved')
})

export const saveAuthor = keeping(save)
