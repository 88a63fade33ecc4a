import Link from 'next/link'
import { currentPrincipal } from 'postern/next'
import { backend } from '../../backend.ts'

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
            </>
          )}
        </span>
      </nav>
    </header>
  )
}
