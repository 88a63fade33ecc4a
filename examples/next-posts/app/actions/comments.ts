'use server'

import { redirect } from 'next/navigation'
import { POST } from '../api/posts/[id]/comments/route.ts'
import type { FormState } from '../parts/form-state.ts'
import type { Comment } from '../../types.ts'
import { submit } from './submit.ts'

export async function createComment(_before: FormState, form: FormData): Promise<FormState> {
  const made = await submit<Comment>(POST, 'POST', form, form.get('id'))
  if ('refused' in made) return made.refused
  redirect(`/posts/${made.data.postId}#comments`)
}
