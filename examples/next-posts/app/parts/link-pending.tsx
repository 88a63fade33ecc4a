'use client'

import { useLinkStatus } from 'next/link'

/** Says, inside of a link, that where it leads is on its way. */
export function LinkPending({ children }: { children: string }) {
  const { pending } = useLinkStatus()
  return (
    <span className={pending ? 'pending' : ''} aria-live="polite">
      {children}
    </span>
  )
}
