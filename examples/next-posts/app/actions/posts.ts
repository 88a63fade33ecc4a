'use server'

import { redirect } from 'next/navigation'
import { DELETE, PATCH } from '../api/posts/[id]/route.ts'
import { POST } from '../api/posts/route.ts'
import type { FormState } from '../parts/form-state.ts'
import type { Post } from '../../types.ts'
import { submit } from './submit.ts'

export async function createPost(_before: FormState, form: FormData): Promise<FormState> {
  const made = await submit<Post>(POST, 'POST', form)
  if ('refused' in made) return made.refused
  redirect(`/posts/${made.data.id}`)
}

export async function editPost(_before: FormState, form: FormData): Promise<FormState> {
  const changed = await submit<Post>(PATCH, 'PATCH', form, form.get('id'))
  if ('refused' in changed) return changed.refused
  redirect(`/posts/${changed.data.id}`)
}

export async function deletePost(_before: FormState, form: FormData): Promise<FormState> {
  const removed = await submit(DELETE, 'DELETE', form, form.get('id'))
  if ('refused' in removed) return removed.refused
  redirect('/')
}
