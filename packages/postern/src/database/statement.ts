import type { RoleNames } from './role-names.js'

/** One SQL statement as it is sent: text with `$1`, `$2` …, its values, and a name if it is worth keeping prepared. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /**
   * The same name always means the same text. A statement with a name is prepared once a connection and, under row-level
   * security, once for each role (`name` is suffixed by the role where it is sent: a plan made for one role is replanned for another).
   */
  readonly name?: string
  /** Its name for each role, where that was worked out before. */
  readonly names?: RoleNames
  /** It touches one row by its key, so others may wait behind it on one connection; a lock it meets it waits for elsewhere. */
  readonly isBrief?: boolean
}

/** What came back, untouched: PostgreSQL's text for each value, `null` for NULL. */
export interface StatementResult {
  readonly command: string
  readonly rowCount: number
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[]
  readonly rows: readonly (readonly (string | null)[])[]
}
