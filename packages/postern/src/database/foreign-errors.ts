import type { ProblemCode } from '../problems.js'

/**
 * What the database clients of others say, as what the client of a backend is told. They are known by their looks: none of
 * these libraries is imported. What is not here is `internal`, or has PostgreSQL's own error as its `cause`.
 *
 * Source: Prisma's error reference; PostgREST's error codes.
 */
export function codeOfForeignError(error: unknown): ProblemCode | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
  if (name === 'PrismaClientKnownRequestError') return problemsOfPrisma[String(code)]
  if (name === 'PrismaClientInitializationError') return 'unavailable'
  return undefined
}

/** The SQLSTATE that PostgREST passes on, in what supabase-js throws and in what it answers as `error`. */
export function sqlStateOfPostgrest(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('details' in error) || !('hint' in error)) return undefined
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  return typeof code === 'string' && typeof message === 'string' && /^[\dA-Z]{5}$/.test(code) ? code : undefined
}

/** Whether it is PostgREST's way to say that `.single()` found no row. */
export function isNoRow(error: unknown): boolean {
  const { code, details } = (error ?? {}) as { readonly code?: unknown; readonly details?: unknown }
  return code === 'PGRST116' && typeof details === 'string' && / 0 rows/.test(details)
}

export const problemsOfPrisma: Readonly<Record<string, ProblemCode>> = {
  P1001: 'unavailable', // the server can't be reached
  P1002: 'unavailable', // it was reached and did not answer
  P1008: 'timeout',
  P1017: 'unavailable', // the connection was closed
  P2000: 'unprocessable', // too long for its column
  P2002: 'conflict', // unique
  P2003: 'unprocessable', // foreign key
  P2004: 'unprocessable', // another constraint
  P2007: 'unprocessable', // no value of the column's type
  P2011: 'unprocessable', // not null
  P2014: 'unprocessable', // a relation that is required would be broken
  P2015: 'unprocessable', // a related row is not there
  P2018: 'unprocessable', // rows to connect are not there
  P2020: 'unprocessable', // out of range
  P2024: 'unavailable', // no connection is free
  P2025: 'not-found', // the row to change is not there
  P2034: 'unavailable', // serialization, or a deadlock
}

/** Whether a connection went away that there was: what was sent on it may have been done. */
export function isConnectionLost(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    const code = 'code' in cause ? String(cause.code) : ''
    if (
      /^(P1017|ECONNRESET|EPIPE|ETIMEDOUT|57P0[12]|25P03|08006|08003|CONNECTION_(CLOSED|ENDED|DESTROYED))$/.test(code)
    )
      return true
    if (
      /^(Connection terminated|Client has encountered a connection error|Server has closed the connection)/.test(
        cause.message,
      )
    )
      return true
  }
  return false
}
