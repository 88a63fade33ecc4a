import { ownerRulesOf } from '../../schema/owner-rules.js'
import type { TableFacts } from '../../schema/facts.js'
import type { Statement } from '../statement.js'
import { quoted, type Shape } from './json-row.js'
import { bind, PerShape, prepared, type Prepared } from './prepared.js'
import { matchShape, matchValues, type RowMatch, whereRow } from './row-match.js'
import { rowColumns } from './row-columns.js'

/**
 * What a row must pass to be found. `see`: the read rule. `own`: the write rule, in a transaction that may not write.
 * `lock`: the write rule, and the row stays as it is until the transaction ends.
 *
 * `lock` takes FOR NO KEY UPDATE because that applies the UPDATE policy; plain FOR UPDATE would also block the
 * foreign-key checks of everyone who refers to the row.
 */
export type Demand = 'see' | 'own' | 'lock'

const compiled = new PerShape<Prepared>()

/** Reads one row as JSON, with its version beside it where it has one; or no row. */
export function selectRow(facts: TableFacts, match: RowMatch, demand: Demand = 'see', shape: Shape = {}): Statement {
  const statement = bind(
    compiled.get(facts, keyOf(demand, match, shape), () => prepared(textOf(facts, match, demand, shape))),
    matchValues(match),
  )
  // Related rows may be many, and a lock is held until the transaction ends.
  return demand !== 'lock' && shape.with === undefined ? { ...statement, isBrief: true } : statement
}

/** Most ask for the whole of a row by its id alone. */
function keyOf(demand: Demand, match: RowMatch, shape: Shape): string {
  const isPlain = match.versions === undefined && shape.columns === undefined && shape.with === undefined
  if (isPlain && (match.columns === undefined || isEmpty(match.columns))) return demand
  return JSON.stringify([demand, matchShape(match), shape.columns, shape.with])
}

function isEmpty(columns: object): boolean {
  for (const _ in columns) return false
  return true
}

function textOf(facts: TableFacts, match: RowMatch, demand: Demand, shape: Shape): string {
  const select = `select ${rowColumns(facts, 't', shape)} from ${quoted(facts.name)} t where ${whereRow(facts, 't', match)}`
  if (demand === 'see') return select
  if (demand === 'lock') return `${select} for no key update of t`
  return `${select} and ${ownerRulesOf(facts, 't').write?.using ?? 'false'}`
}
