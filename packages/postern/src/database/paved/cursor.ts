import { hash } from 'node:crypto'
import { problem } from '../../problems.js'
import { conditionsOf } from './filter.js'
import type { PageOf, RowsOf } from './page-rows.js'

/** What a cursor is bound to: one of another list, order, filter, search or parent does not continue this one. */
export interface CursorBinding extends RowsOf {
  readonly table: string
}

/**
 * Where a page ended, as an opaque text. It holds values that its reader has just been shown (an endpoint whose columns
 * hide them is refused when it is defined), under policies that apply again to the next page, so it needs no signature; the binding catches mistakes, not attacks.
 */
export function toCursor(binding: CursorBinding, end: readonly (string | null)[]): string {
  return Buffer.from(JSON.stringify([fingerprint(binding), ...end])).toString('base64url')
}

/** A page request whose cursor is still a text. */
export type PageRequest = Omit<PageOf, 'after'> & { readonly after: string | null }

/** The page that a request asks for. Throws the problem `invalid` for a cursor of another list. */
export function pageAt(table: string, request: PageRequest): PageOf {
  const { limit, sort, filter, search, after } = request
  if (after === null) return { limit, sort, filter, search, after }
  const position = fromCursor({ table, sort, filter, search }, after)
  if (position !== null) return { limit, sort, filter, search, after: position }
  const message = 'This cursor belongs to another list; start from the first page'
  throw problem('invalid', undefined, { errors: [{ path: 'query.after', message }] })
}

/** The values in a cursor, or `null` if it isn't one of this list. Never throws, whatever the text. */
export function fromCursor(binding: CursorBinding, cursor: string): (string | null)[] | null {
  const parsed = parse(cursor)
  if (!Array.isArray(parsed) || parsed[0] !== fingerprint(binding)) return null
  const end = parsed.slice(1) as unknown[]
  const isEnd = end.length > 0 && end.length <= binding.sort.length + 1 && end.every(isKeyValue) && end.at(-1) !== null
  return isEnd ? (end as (string | null)[]) : null
}

function parse(cursor: string): unknown {
  if (cursor.length > 4096) return null
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}

/** PostgreSQL's text can't hold a NUL; whatever else does not fit the column's type is refused by the database. */
function isKeyValue(value: unknown): boolean {
  return value === null || (typeof value === 'string' && !value.includes('\0'))
}

function fingerprint(binding: CursorBinding): string {
  const { table, sort, filter, search } = binding
  const text = JSON.stringify([table, sort, conditionsOf(filter), search])
  return hash('sha256', text, 'base64url').slice(0, 8)
}
