/** JSON in which a BIGINT is a string. */
export function json(value: unknown, status = 200): Response {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
  return new Response(text, { status, headers: { 'content-type': 'application/json' } })
}

/** A foreign key that leads nowhere is the caller's mistake (Prisma P2003); the rest is ours. */
export function failure(error: unknown): Response {
  return (error as { code?: string }).code === 'P2003'
    ? json({ code: 'unprocessable' }, 422)
    : json({ code: 'internal' }, 500)
}
