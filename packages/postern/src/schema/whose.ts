import type { PgColumnBuilderBase } from 'drizzle-orm/pg-core'
import type { Owner, Unowned } from './owner.js'

export type Columns = Record<string, PgColumnBuilderBase>

/** Says whose the rows are: one of the two, never neither. */
export interface Whose {
  /** Each row belongs to somebody: `user()`, `organization()`, `through(parent)`. */
  readonly owner?: Owner
  /** The rows belong to nobody, such as a price list: only the service writes them. */
  readonly unowned?: Omit<Unowned, 'kind'>
  /**
   * `remove` marks a row in the column `deletedAt` instead of deleting it, and nobody but the service sees it again.
   * What must be unique needs an index `where deleted_at is null`, or a deleted row keeps its value taken.
   */
  readonly softDelete?: true
}
