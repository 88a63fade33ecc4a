/** The user's own statements among all that were sent: without those that say as whom they run, or where a transaction ends. */
export function queriesAmong(statements: readonly string[]): string[] {
  return statements.filter((text) => !OURS.test(text))
}

/** Throws an `Error` that lists the statements where there are more than `most`. */
export function refuseOverBudget(what: string, queries: readonly string[], most: number): void {
  if (queries.length <= most) return
  const list = queries.map((text) => `- ${text}`).join('\n')
  throw new Error(`${what} sent ${queries.length} statements, and ${most} may be:\n${list}`)
}

const OURS = /^(?:select set_config\('role',|begin\b|commit$|rollback\b|(?:release )?savepoint postern_)/
