import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { TableFacts } from '../../schema/facts.js'
import { columnOf } from './column-path.js'
import { isComparable } from './filter.js'
import type { SortKey } from './page-rows.js'

/** The order that a client asks for, or the list's own. */
export function readSort(
  text: string | undefined,
  allowed: readonly string[],
  order: readonly SortKey[],
  issues: StandardSchemaV1.Issue[],
): readonly SortKey[] {
  if (text === undefined) return order
  const keys = sortKeys(text, allowed)
  if (keys !== null) return keys
  const names =
    allowed.length === 0 ? 'This list has one order only' : `Sort by ${allowed.join(', ')}; -name turns it round`
  issues.push({ message: names, path: ['sort'] })
  return order
}

/** At most three keys, each once: every combination is a statement of its own. */
export function sortKeys(text: string, allowed: readonly string[]): SortKey[] | null {
  const parts = text.split(',', 4)
  const keys = parts.map((part) => ({ key: part.replace(/^-/, ''), descending: part.startsWith('-') }))
  const isOffered =
    keys.every(({ key }) => allowed.includes(key)) && new Set(keys.map(({ key }) => key)).size === keys.length
  return parts.length <= 3 && isOffered ? keys : null
}

/** Sorting or filtering by a secret would tell its value, one comparison at a time. */
export function assertComparable(facts: TableFacts, key: string): void {
  const column = columnOf(facts, key)
  if (column.secret) throw new TypeError(`${facts.name}.${key} is secret: a list can't be sorted or filtered by it`)
  if (!isComparable(column))
    throw new TypeError(
      `${facts.name}.${key} is ${column.column.getSQLType()}: a list can't be sorted or filtered by it`,
    )
}
