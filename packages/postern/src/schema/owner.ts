import type { Described, TableFacts } from './facts.js'

/**
 * To whom a row belongs. Said once, at the table; it becomes the column, its default, its index, the policies that
 * PostgreSQL enforces, and the negative tests.
 */
export type Ownership = Owner | Unowned

/** The owner rules that `table()` takes. */
export type Owner = UserOwner | OrganizationOwner | MembershipOwner | ThroughOwner

/** Who else may read a row: only its owner, everyone who is signed in, or anyone at all. Writing is the owner's alone. */
export type ReadableBy = 'owner' | 'signed-in' | 'anyone'

/** Rows that belong to the user who made them. Made by `user()`. */
export interface UserOwner<Column extends string = string> {
  readonly kind: 'user'
  readonly column: Column
  readonly read: ReadableBy
}

/** Rows that belong to an organization: its members read and write them, as their roles allow. */
export interface OrganizationOwner<Column extends string = string> {
  readonly kind: 'organization'
  readonly column: Column
  /** The roles that may read, and those that may write; `null` for every member. */
  readonly read: readonly string[] | null
  readonly write: readonly string[] | null
  readonly members: () => TableFacts
  readonly organizations: () => Described
}

/** The rows of `organizationTables()` itself: who is a member of what. Members read them, the service writes them. */
export interface MembershipOwner {
  readonly kind: 'membership'
  /** `organizations`: the row is an organization; `members`: the row says that a user belongs to one. */
  readonly of: 'organizations' | 'members'
  readonly members: () => TableFacts
}

/** Rows that are whose their parents are. Made by `through()`. */
export interface ThroughOwner {
  readonly kind: 'through'
  readonly parents: readonly (() => TableFacts)[]
}

/** Rows that belong to nobody: a price list, a catalogue. Only the service writes them. */
export interface Unowned {
  readonly kind: 'unowned'
  readonly reason: string
  readonly read: 'anyone' | 'signed-in' | 'service'
}

/** Whether no principal ever writes such rows: only the service does. */
export function isServiceWritten({ kind }: Ownership): boolean {
  return kind === 'unowned' || kind === 'membership'
}

/** The key of the column that says whose a row is, where one column does. */
export function ownerColumnOf(ownership: Ownership): string | undefined {
  return ownership.kind === 'user' || ownership.kind === 'organization' ? ownership.column : undefined
}

/**
 * Each row belongs to the user who made it. `read` says who else may read (default: nobody); `column` is the key of the
 * owner column (default: `ownerId`).
 *
 * @example
 * export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })
 * export const posts = table('posts', { id: id() }, { owner: user({ read: 'anyone', column: 'authorId' }) })
 */
export function user<const Column extends string = 'ownerId'>(
  options: {
    /** Who else may read. Default: only the owner. */
    readonly read?: ReadableBy
    /** The key of the owner column. Default: `ownerId`. */
    readonly column?: Column
  } = {},
  // NoInfer: else what table() expects of an owner would name the column.
): UserOwner<NoInfer<Column>> {
  return { kind: 'user', column: options.column ?? ('ownerId' as Column), read: options.read ?? 'owner' }
}
