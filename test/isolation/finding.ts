/** What can be wrong with a database, named by the defect. */
export type Defect =
  // Seen in the catalog.
  | 'rls-off'
  | 'rls-not-forced'
  | 'no-policy'
  | 'open-policy'
  | 'no-with-check'
  | 'wide-grant'
  | 'grant-without-policy'
  | 'owned-by-login'
  | 'login-bypasses-rls'
  | 'login-inherits-roles'
  | 'login-reaches-owner'
  | 'role-bypasses-rls'
  | 'plain-foreign-key'
  | 'forgotten-table'
  | 'definer-view'
  | 'materialized-view'
  | 'foreign-table'
  | 'definer-function'
  | 'role-makes-objects'
  // Shown by doing it.
  | 'bare-login-reads'
  | 'reads-others'
  | 'updates-others'
  | 'updates-all'
  | 'takes-over'
  | 'upserts-others'
  | 'gives-away'
  | 'deletes-others'
  | 'deletes-all'
  | 'inserts-as-another'
  | 'attaches-to-others'
  | 'joins-uninvited'
  | 'raises-own-role'
  | 'tells-others-organizations'
  | 'believes-a-stand-in'
  | 'reads-deleted'
  | 'undeletes'
  | 'deletes-for-good'
  | 'writes-below-deleted'
  | 'names-its-way-in'
  | 'null-claim'
  | 'empty-claim'
  // A control did not hold: what depends on it is not known, and that is no pass.
  | 'unknown'

export interface Finding {
  readonly defect: Defect
  /** The relation, function or login. */
  readonly where: string
  /** As whom it was done; nobody in particular for what the catalog says. */
  readonly as: string | null
  readonly evidence: string
}

export function describeFinding({ defect, where, as, evidence }: Finding): string {
  return `${defect}: ${where}${as === null ? '' : ` as ${as}`}: ${evidence}`
}
