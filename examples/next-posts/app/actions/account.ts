'use server'

import { redirect } from 'next/navigation'
import { PATCH } from '../api/users/[id]/route.ts'
import { POST } from '../api/users/route.ts'
import type { FormState } from '../parts/form-state.ts'
import { submit } from './submit.ts'

/** With an id it is changed, without one it is made. */
export async function saveAuthor(_before: FormState, form: FormData): Promise<FormState> {
  const id = form.get('id')
  const saved = await (id === null ? submit(POST, 'POST', form) : submit(PATCH, 'PATCH', form, id))
  if ('refused' in saved) return saved.refused
  redirect('/account?saved')
}
