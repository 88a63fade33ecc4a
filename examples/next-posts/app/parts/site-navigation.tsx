import Link from 'next/link'
import { currentPrincipal } from 'postern/next'
import { signOut } from '../actions/session.ts'
import { backend } from '../../backend.ts'
import { Submit } from './submit.tsx'

export async function SiteNavigation() {
  const principal = await currentPrincipal(backend)
  return (
    <header className="bar">
      <nav aria-label="Site">
        <Link className="home" href="/">
          Posts
        </Link>
        <Link href="/archive">Archive</Link>
        <span className="end">
          {principal === null ? (
            <>
              <Link href="/sign-in">Sign in</Link>
              <Link href="/sign-up">Sign up</Link>
            </>
          ) : (
            <>
              <Link href="/posts/new">Write</Link>
              <Link href="/account">Account</Link>
              <form action={signOut}>
                <Submit className="quiet" pending="Signing out …">
                  Sign out
                </Submit>
              </form>
            </>
          )}
        </span>
      </nav>
    </header>
  )
}
