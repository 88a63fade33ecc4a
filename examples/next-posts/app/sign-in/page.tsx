import type { Metadata } from 'next'
import Link from 'next/link'
import { signIn } from '../actions/session.ts'
import { ActionForm } from '../parts/action-form.tsx'

export const metadata: Metadata = { title: 'Sign in' }

export default function SignIn() {
  return (
    <>
      <h1>Sign in</h1>
      <ActionForm
        action={signIn}
        fields={[
          { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'email' },
          { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
        ]}
        submit="Sign in"
        pending="Signing in …"
      >
        <p className="muted">
          No account yet? <Link href="/sign-up">Sign up</Link>
        </p>
      </ActionForm>
    </>
  )
}
