/** The user's own statements among all that were sent: without those that say as whom they run, or where a transaction ends. */
export function queriesAmong(statements: readonly string[]): string[] {
  return statements.filter((text) => !OURS.test(text))
}

/** Throws an `Error` that lists the statements where there are more than `most`. */
export function refuseOverBudget(what: string, queries: readonly string[], most: number): void {
  if (queries.length <= most) return
  const list = queries.map((text) => `- ${text}`).join('\n')
  const sent = queries.length === 1 ? '1 statement' : `${queries.length} statements`
  throw new Error(
    `${what} sent ${sent}, and its budget is ${most}:\n${list}\nRead related rows by \`with\`, or raise the budget`,
  )
}

const OURS = /^(?:select set_config\('role',|begin\b|commit$|rollback\b|(?:release )?savepoint postern_)/
