import type { Metadata } from 'next'
import Link from 'next/link'
import { signUp } from '../actions/session.ts'
import { ActionForm } from '../parts/action-form.tsx'

export const metadata: Metadata = { title: 'Sign up' }

export default function SignUp() {
  return (
    <>
      <h1>Sign up</h1>
      <ActionForm
        action={signUp}
        fields={[
          { name: 'name', label: 'Name', hint: 'Shown beside what you write', autoComplete: 'name' },
          { name: 'email', label: 'E-mail', hint: 'Shown to nobody', type: 'email', autoComplete: 'email' },
          {
            name: 'password',
            label: 'Password',
            hint: 'At least 8 characters',
            type: 'password',
            autoComplete: 'new-password',
          },
        ]}
        submit="Sign up"
        pending="Signing up …"
      >
        <p className="muted">
          Signed up already? <Link href="/sign-in">Sign in</Link>
        </p>
      </ActionForm>
    </>
  )
}
