import type { TableFacts } from '../../schema/facts.js'
import { quoted } from './json-row.js'

/** Which row: its id, and other columns that must agree (the rest of a path's dynamic segments). */
export interface RowMatch {
  readonly id: string
  readonly columns?: Readonly<Record<string, string>> | undefined
}

/**
 * The WHERE of one row. The id comes as `$1`; other columns are compared as text, so that a segment that isn't a number
 * finds nothing instead of failing.
 */
export function whereRow(facts: TableFacts, alias: string, columns: readonly string[] = []): string {
  const id = `${alias}.${quoted(facts.columns[facts.idKey]!.sqlName)} = $1`
  const others = columns.map((key, index) => {
    const column = facts.columns[key]
    if (column === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
    return `${alias}.${quoted(column.sqlName)}::text = $${index + 2}`
  })
  return [id, ...others].join(' and ')
}

export function matchValues(match: RowMatch): string[] {
  return [match.id, ...Object.values(match.columns ?? {})]
}

/**
 * Whether a text can be the id of a row: a positive bigint. Anything else is nobody's row, and is answered like one that
 * does not exist, without asking the database.
 */
export function isRowId(text: string): boolean {
  return /^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= 9_223_372_036_854_775_807n
}
