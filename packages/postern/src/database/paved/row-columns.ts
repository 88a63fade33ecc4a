import type { TableFacts } from '../../schema/facts.js'
import type { StatementResult } from '../statement.js'
import { jsonRow, quoted, type Shape } from './json-row.js'
import { versionAt } from './row-match.js'

/** A row as a statement answers it: its JSON as text, and its version where its table has one. */
export interface RowText {
  readonly json: string
  readonly version: string | undefined
  /** Its key, where the statement made it. */
  readonly id?: string | undefined
}

/**
 * What a statement on one row selects or returns. The version stands beside the JSON, not in it: `response: columns(…)` may
 * leave it out, and the row still has its `ETag`.
 */
export function rowColumns(facts: TableFacts, alias: string, shape: Shape): string {
  const json = `${jsonRow(facts, alias, shape)}::text`
  return facts.versionKey === undefined ? json : `${json}, ${versionAt(facts, alias)}::text`
}

/** The same for a row that is being made, with its key: to parse the whole row for its `Location` took longer than all else in it. */
export function newRowColumns(facts: TableFacts, alias: string, shape: Shape): string {
  const version = facts.versionKey === undefined ? ', null' : ''
  return `${rowColumns(facts, alias, shape)}${version}, ${alias}.${quoted(facts.columns[facts.idKey]!.sqlName)}::text`
}

/** Reads what such a statement answers; `undefined` where there was no row. */
export function rowTextOf(result: StatementResult | undefined): RowText | undefined {
  const [json, version, id] = result?.rows[0] ?? []
  return json == null ? undefined : { json, version: version ?? undefined, id: id ?? undefined }
}
