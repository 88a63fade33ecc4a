/** A copy of a value for the log: secrets named as such are hidden, at any depth, and depth and breadth are bounded. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return describeError(value, depth)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Headers) return redact(Object.fromEntries(value), depth)
  if (depth >= MAX_DEPTH) return '[deep]'
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1))
  const shown = Object.entries(value).slice(0, MAX_ITEMS)
  return Object.fromEntries(
    shown.map(([key, item]) => [key, SECRET.test(key) ? '[redacted]' : redact(item, depth + 1)]),
  )
}

/** An error for the log: its stack, its causes, and what its library says beside them (a PostgreSQL error's `code`). */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  if (depth >= MAX_DEPTH) return { type: error.name, message: error.message }
  const { cause, errors, ...rest } = error as Error & { errors?: unknown }
  return {
    ...(redact(rest, depth + 1) as object),
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(cause === undefined ? {} : { cause: describeError(cause, depth + 1) }),
    ...(Array.isArray(errors)
      ? { errors: errors.slice(0, MAX_ITEMS).map((each) => describeError(each, depth + 1)) }
      : {}),
  }
}

const SECRET = /authorization|cookie|passw|token|secret|api[-_]?key|private[-_]?key/i
const MAX_DEPTH = 6
const MAX_ITEMS = 100
