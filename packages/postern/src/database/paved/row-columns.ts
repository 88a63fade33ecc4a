import type { TableFacts } from '../../schema/facts.js'
import type { Statement, StatementResult } from '../statement.js'
import { flatRow } from './flat-row.js'
import type { Prepared } from './prepared.js'
import { quoted, type Shape, shownColumns } from './shape.js'

/** A row as a statement answers it: its JSON as text, its key, and its version where its table has one. */
export interface RowText {
  readonly json: string
  readonly id: string
  readonly version: string | undefined
}

/** Reads what a statement on one row answers; `undefined` where there was no row. */
export type ReadRow = (result: StatementResult | undefined) => RowText | undefined

/** A statement on one row, and how its answer is read. */
export interface RowStatement {
  readonly statement: Statement
  readonly read: ReadRow
}

/** The same as it is kept for the next time. */
export interface CompiledRow {
  readonly statement: Prepared
  readonly read: ReadRow
}

/** What a statement on one row selects or returns. */
export interface RowColumns {
  readonly columns: string
  /** What stands behind the table in FROM, for related rows. */
  readonly joins: string
  readonly read: ReadRow
}

/**
 * The columns of one row. Key and version stand beside what is shown where `response: columns(…)` leaves them out: a row still has its
 * `ETag`, and a new one its `Location`.
 */
export function rowColumns(facts: TableFacts, alias: string, shape: Shape): RowColumns {
  const { columns, joins, toJson } = flatRow(facts, alias, shape)
  const shown = shownColumns(facts, shape.columns).map(({ key }) => key)
  const beside: string[] = []
  const cellOf = (key: string) => {
    const at = shown.indexOf(key)
    if (at !== -1) return at
    return columns.length + beside.push(`${alias}.${quoted(facts.columns[key]!.sqlName)}::text`) - 1
  }
  const id = cellOf(facts.idKey)
  const version = facts.versionKey === undefined ? undefined : cellOf(facts.versionKey)
  return {
    columns: [...columns, ...beside].join(', '),
    joins,
    read(result) {
      const cells = result?.rows[0]
      if (cells === undefined) return undefined
      return { json: toJson(cells), id: cells[id]!, version: version === undefined ? undefined : cells[version]! }
    },
  }
}
