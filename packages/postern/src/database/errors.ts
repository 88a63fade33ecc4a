import { isProblem, type Problem, type ProblemCode, problem } from '../problems.js'
import { codeOfForeignError, isNoRow, sqlStateOfPostgrest } from './foreign-errors.js'
import { DatabaseUnreachable } from './unreachable.js'

/** SQLSTATE (PostgreSQL, appendix A) → what the client is told. Two characters stand for a whole class; the longer entry wins. */
export const problemsOfSqlState: Readonly<Record<string, ProblemCode>> = {
  '08': 'unavailable', // connection lost
  '22': 'unprocessable', // a value that does not fit: out of range, not a number, not a date
  '23001': 'unprocessable', // restrict: rows still refer to this one
  '23502': 'unprocessable', // not null
  '23503': 'unprocessable', // foreign key
  '23505': 'conflict', // unique
  '23514': 'unprocessable', // check
  '23P01': 'conflict', // exclusion
  '25P03': 'unavailable', // a transaction that was idle for too long
  '26000': 'unavailable', // a pooler lost a prepared statement: the next attempt sends it whole
  '40001': 'unavailable', // serialization
  '40P01': 'unavailable', // deadlock
  '25P04': 'timeout', // a transaction that took too long
  '42501': 'forbidden', // WITH CHECK, or no grant
  '53': 'unavailable', // out of something: disk, memory, connections
  '55P03': 'unavailable', // lock not available
  '57014': 'timeout', // statement_timeout
  '57P01': 'unavailable', // shut down by an administrator
  '57P02': 'unavailable', // crashed
  '57P03': 'unavailable', // starting up
  '57P04': 'unavailable', // the database was dropped
  '57P05': 'unavailable', // the session was idle for too long
  '58030': 'unavailable', // the disk fails
}

/**
 * A database's error as the problem a client may see, or `undefined` for what is none: that is `internal`, and a fault of ours.
 *
 * **Security:** PostgreSQL's own words never go along. The detail of a unique violation quotes the value that exists, and it may
 * be another owner's.
 */
export function problemOfDatabaseError(error: unknown): Problem | undefined {
  if (isProblem(error)) return error
  // supabase-js answers a plain object where it was not told to throw.
  if (!(error instanceof Error)) return foreignProblem(error)
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    // Drizzle wraps whatever its query threw; a problem that somebody wrapped on purpose is none to them any more.
    if (isProblem(cause.cause) && 'query' in cause && 'params' in cause) return cause.cause
    const code = codeFor(cause)
    if (code !== undefined) return asProblem(code, error)
  }
  return undefined
}

function foreignProblem(error: unknown): Problem | undefined {
  const code = foreignCode(error)
  return code === undefined ? undefined : asProblem(code, error)
}

function foreignCode(error: unknown): ProblemCode | undefined {
  if (isNoRow(error)) return 'not-found'
  const state = sqlStateOfPostgrest(error)
  return state === undefined ? codeOfForeignError(error) : codeOfSqlState(state)
}

function codeOfSqlState(state: string): ProblemCode | undefined {
  return problemsOfSqlState[state] ?? problemsOfSqlState[state.slice(0, 2)]
}

function codeFor(error: Error): ProblemCode | undefined {
  if (error instanceof DatabaseUnreachable || error.name === 'DatabaseUnreachable') return 'unavailable'
  const state = 'code' in error && typeof error.code === 'string' ? error.code : ''
  // node-postgres' own words for a connection that went away under a statement.
  if (state === '' && /^(Connection terminated|Client has encountered a connection error)/.test(error.message))
    return 'unavailable'
  if (LOST.has(state)) return 'unavailable'
  return 'severity' in error ? codeOfSqlState(state) : foreignCode(error)
}

/** How a socket says that the other end is not there any more, or cannot be reached from here. */
const LOST = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'])

function asProblem(code: ProblemCode, cause: unknown): Problem {
  return problem(code, undefined, code === 'unavailable' ? { cause, headers: { 'retry-after': '1' } } : { cause })
}
