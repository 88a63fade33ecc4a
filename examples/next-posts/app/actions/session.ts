'use server'

import { redirect } from 'next/navigation'
import { action } from '../../backend.ts'
import { SignInInput, SignUpInput } from '../../inputs.ts'
import { askAuth } from './ask-auth.ts'
import { keeping } from './keeping.ts'

const enter = action({ public: 'whoever signs in is nobody yet', input: SignInInput }, async ({ input }) => {
  await askAuth('sign-in/email', input)
  redirect('/')
})

const join = action({ public: 'whoever signs up is nobody yet', input: SignUpInput }, async ({ input }) => {
  await askAuth('sign-up/email', input)
  redirect('/')
})

export const signIn = keeping(enter)
export const signUp = keeping(join)

export const signOut = action({ public: 'a session that has ended may be left too' }, async () => {
  await askAuth('sign-out', {})
  redirect('/')
})
