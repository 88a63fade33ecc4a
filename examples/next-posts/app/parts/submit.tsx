'use client'

import type { MouseEvent } from 'react'
import { useFormStatus } from 'react-dom'

/** Stays focusable while it waits, so that a keyboard keeps its place; a second press does nothing. */
export function Submit({
  children,
  pending: waiting,
  className,
}: {
  children: string
  pending: string
  className?: string
}) {
  const { pending } = useFormStatus()
  const ignore = (event: MouseEvent) => {
    if (pending) event.preventDefault()
  }
  return (
    <button type="submit" aria-disabled={pending} onClick={ignore} {...(className === undefined ? {} : { className })}>
      <span aria-live="polite">{pending ? waiting : children}</span>
    </button>
  )
}
