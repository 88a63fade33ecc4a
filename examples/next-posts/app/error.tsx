'use client'

import { useEffect, useRef } from 'react'

/** What went wrong stands in the server's log. Here is no detail: Next.js sends none in production, only the digest. */
export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div role="alert">
      <h1 tabIndex={-1} ref={heading}>
        Something went wrong on our side
      </h1>
      <p>It has been noted{error.digest === undefined ? '' : ` (${error.digest})`}.</p>
      <button type="button" onClick={reset}>
        Try again
      </button>
    </div>
  )
}
