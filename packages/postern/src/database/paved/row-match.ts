import type { TableFacts } from '../../schema/facts.js'
import { quoted } from './shape.js'

/** Which row: its id, other columns that must agree (the rest of a path's dynamic segments), and versions it may have. */
export interface RowMatch {
  readonly id: string
  readonly columns?: Readonly<Record<string, string>> | undefined
  /** One of these, for a table with a `version()`; none at all match no row. */
  readonly versions?: readonly string[] | undefined
}

/**
 * The WHERE of one row. The id comes as `$1`; other columns are compared as text, so that a segment that isn't a number
 * finds nothing instead of failing. Versions are one value, an array, so that their number is no part of the statement.
 */
export function whereRow(facts: TableFacts, alias: string, match: RowMatch): string {
  const id = `${alias}.${quoted(facts.columns[facts.idKey]!.sqlName)} = $1`
  const others = Object.keys(match.columns ?? {}).map((key, index) => {
    const column = facts.columns[key]
    if (column === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
    return `${alias}.${quoted(column.sqlName)}::text = $${index + 2}`
  })
  const conditions = [id, ...others]
  if (match.versions === undefined) return conditions.join(' and ')
  return [...conditions, `${versionAt(facts, alias)} = any($${conditions.length + 1}::bigint[])`].join(' and ')
}

/** The values of that WHERE, from `$1` on. */
export function matchValues({ id, columns, versions }: RowMatch): unknown[] {
  return [id, ...Object.values(columns ?? {}), ...(versions === undefined ? [] : [versions])]
}

/** What of it is in its SQL. */
export function matchShape({ columns, versions }: RowMatch): unknown[] {
  return [Object.keys(columns ?? {}), versions !== undefined]
}

/** The version's column. Throws for a table that has none. */
export function versionAt({ name, columns, versionKey }: TableFacts, alias: string): string {
  if (versionKey === undefined) throw new TypeError(`${name} has no version()`)
  return `${alias}.${quoted(columns[versionKey]!.sqlName)}`
}

/**
 * Whether a text can be the id of a row, or the version of one: a positive bigint. Anything else is nobody's row, and is answered like one that
 * does not exist, without asking the database.
 */
export function isRowId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && (text.length < 19 || BigInt(text) <= 9_223_372_036_854_775_807n)
}
