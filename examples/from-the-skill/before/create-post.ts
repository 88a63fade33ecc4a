'use server'

import { revalidatePath } from 'next/cache.js'
import { z } from 'zod'
import { auth, db, report } from './services.ts'

const PostSchema = z.object({ title: z.string().min(1).max(200), slug: z.string().min(1) })

export async function createPost(input: unknown) {
  const { userId } = await auth()
  if (!userId) return { error: 'Unauthorized' }

  const result = PostSchema.safeParse(input)
  if (!result.success) return { error: 'Invalid', details: z.flattenError(result.error) }

  try {
    const post = await db.post.create({ data: { ...result.data, authorId: userId } })
    revalidatePath('/posts')
    return { data: post }
  } catch (error) {
    report(error)
    return { error: 'Failed' }
  }
}
