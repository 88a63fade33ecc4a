import type { Metadata } from 'next'
import Link from 'next/link'

export const metadata: Metadata = { title: 'Not found' }

/** The same for what does not exist and for what is not yours. */
export default function NotFound() {
  return (
    <>
      <h1>There is nothing here</h1>
      <p>
        The address may be mistyped, or what was here has been deleted. <Link href="/">Go to the newest posts</Link>
      </p>
    </>
  )
}
