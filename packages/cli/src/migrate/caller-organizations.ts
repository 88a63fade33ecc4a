import { CALLER_ORGANIZATIONS, CALLER_ORGANIZATIONS_SQL } from 'postern/schema'

/**
 * Puts the function that tells a caller's organizations before the first policy that asks it, and behind the table that
 * it reads: PostgreSQL checks both when they are made.
 */
export function withCallerOrganizations(statements: readonly string[]): string[] {
  const first = statements.findIndex((statement) => statement.includes(`${CALLER_ORGANIZATIONS}(`))
  return first === -1 ? [...statements] : statements.toSpliced(first, 0, CALLER_ORGANIZATIONS_SQL)
}
