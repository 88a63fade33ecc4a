'use server'

import { redirect } from 'next/navigation'
import type { FormState } from '../parts/form-state.ts'
import { askAuth } from './ask-auth.ts'
import { endpoint } from '../../backend.ts'
import { SignInInput, SignUpInput } from '../../inputs.ts'
import { submit } from './submit.ts'

const enter = endpoint({ public: 'whoever signs in is nobody yet', body: SignInInput }, ({ body }) =>
  askAuth('sign-in/email', body),
)
const join = endpoint({ public: 'whoever signs up is nobody yet', body: SignUpInput }, ({ body }) =>
  askAuth('sign-up/email', body),
)
const leave = endpoint({ public: 'a session that has ended may be left too' }, () => askAuth('sign-out', {}))

export async function signIn(_before: FormState, form: FormData): Promise<FormState> {
  const entered = await submit(enter, 'POST', form)
  if ('refused' in entered) return entered.refused
  redirect('/')
}

export async function signUp(_before: FormState, form: FormData): Promise<FormState> {
  const joined = await submit(join, 'POST', form)
  if ('refused' in joined) return joined.refused
  redirect('/')
}

export async function signOut(form: FormData): Promise<void> {
  await submit(leave, 'POST', form)
  redirect('/')
}
