/**
 * To whom a row belongs. Said once, at the table; it becomes the column, its default, its index, the policies that
 * PostgreSQL enforces, and the negative tests.
 */
export type Ownership = UserOwner | Unowned

/** Who else may read a row: only its owner, everyone who is signed in, or anyone at all. Writing is the owner's alone. */
export type ReadableBy = 'owner' | 'signed-in' | 'anyone'

export interface UserOwner<Column extends string = string> {
  readonly kind: 'user'
  readonly column: Column
  readonly read: ReadableBy
}

export interface Unowned {
  readonly kind: 'unowned'
  readonly reason: string
  readonly read: 'anyone' | 'signed-in' | 'service'
}

/**
 * Each row belongs to the user who made it. `read` says who else may read (default: nobody); `column` is the key of the
 * owner column (default: `ownerId`).
 *
 * @example
 * export const notes = table('notes', { id: id(), text: text().notNull() }, { owner: user() })
 * export const posts = table('posts', { id: id() }, { owner: user({ read: 'anyone', column: 'authorId' }) })
 */
export function user(options?: { readonly read?: ReadableBy }): UserOwner<'ownerId'>
export function user<Column extends string>(options: {
  readonly read?: ReadableBy
  readonly column: Column
}): UserOwner<Column>
export function user(options: { readonly read?: ReadableBy; readonly column?: string } = {}): UserOwner {
  return { kind: 'user', column: options.column ?? 'ownerId', read: options.read ?? 'owner' }
}
