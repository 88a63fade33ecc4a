import type { TableFacts } from '../../schema/facts.js'
import type { StatementResult } from '../statement.js'
import { jsonRow, type Shape } from './json-row.js'
import { versionAt } from './row-match.js'

/** A row as a statement answers it: its JSON as text, and its version where its table has one. */
export interface RowText {
  readonly json: string
  readonly version: string | undefined
}

/**
 * What a statement on one row selects or returns. The version stands beside the JSON, not in it: `response: columns(…)` may
 * leave it out, and the row still has its `ETag`.
 */
export function rowColumns(facts: TableFacts, alias: string, shape: Shape): string {
  const json = `${jsonRow(facts, alias, shape)}::text`
  return facts.versionKey === undefined ? json : `${json}, ${versionAt(facts, alias)}::text`
}

/** Reads what such a statement answers; `undefined` where there was no row. */
export function rowTextOf(result: StatementResult | undefined): RowText | undefined {
  const [json, version] = result?.rows[0] ?? []
  return json == null ? undefined : { json, version: version ?? undefined }
}
