import { ownerRulesOf } from '../../schema/owner-rules.js'
import type { TableFacts } from '../../schema/facts.js'
import { bind, PerShape, prepared } from './prepared.js'
import { matchShape, matchValues, type RowMatch, whereRow } from './row-match.js'
import { type CompiledRow, rowColumns, type RowStatement } from './row-columns.js'
import { quoted, type Shape } from './shape.js'

/**
 * What a row must pass to be found. `see`: the read rule. `own`: the write rule, in a transaction that may not write.
 * `lock`: the write rule, and the row stays as it is until the transaction ends.
 *
 * `lock` takes FOR NO KEY UPDATE because that applies the UPDATE policy; plain FOR UPDATE would also block the
 * foreign-key checks of everyone who refers to the row.
 */
export type Demand = 'see' | 'own' | 'lock'

const compiled = new PerShape<CompiledRow>()

/** Reads one row, or no row. */
export function selectRow(facts: TableFacts, match: RowMatch, demand: Demand = 'see', shape: Shape = {}): RowStatement {
  const made = compiled.get(facts, keyOf(demand, match, shape), () => compile(facts, match, demand, shape))
  const statement = bind(made.statement, matchValues(match))
  // Related rows may be many, and a lock is held until the transaction ends.
  const isBrief = demand !== 'lock' && shape.with === undefined
  return { statement: isBrief ? { ...statement, isBrief } : statement, read: made.read }
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

function compile(facts: TableFacts, match: RowMatch, demand: Demand, shape: Shape): CompiledRow {
  const { columns, joins, read } = rowColumns(facts, 't', shape)
  const where = whereRow(facts, 't', match)
  const select = `select ${columns} from ${quoted(facts.name)} t${joins} where ${where}`
  return { statement: prepared(`${select}${DEMANDS[demand](facts)}`), read }
}

const DEMANDS: Readonly<Record<Demand, (facts: TableFacts) => string>> = {
  see: () => '',
  own: (facts) => ` and ${ownerRulesOf(facts, 't').write?.using ?? 'false'}`,
  lock: () => ' for no key update of t',
}
