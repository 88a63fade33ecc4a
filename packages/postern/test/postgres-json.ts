import type { ColumnFacts, TableFacts } from '../src/schema/facts.js'
import { quoted, relatedShapes, type Shape, shownColumns } from '../src/database/paved/shape.js'

/**
 * A second account of a row's JSON: an SQL expression that has PostgreSQL build it, related rows by subqueries. Keys and money as text,
 * instants in UTC with milliseconds, all else as `row_to_json` has it.
 */
export function postgresJson(facts: TableFacts, alias: string, shape: Shape = {}): string {
  const fields = shownColumns(facts, shape.columns).map((column) => `${shown(column, alias)} as ${quoted(column.key)}`)
  for (const [name, relation, along] of relatedShapes(facts, shape.with)) {
    const target = relation.target()
    const inner = `${alias}_${name}`
    const key = quoted(target.columns[target.idKey]!.sqlName)
    const on = `${inner}.${key} = ${alias}.${quoted(relation.sqlName)}`
    const related = `select ${postgresJson(target, inner, along)} from ${quoted(target.name)} ${inner} where ${on}`
    fields.push(`(${related}) as ${quoted(name)}`)
  }
  return `(select row_to_json("whole row") from (select ${fields.join(', ')}) "whole row")`
}

function shown({ shows, sqlName }: ColumnFacts, alias: string): string {
  const value = `${alias}.${quoted(sqlName)}`
  if (shows === 'json') return value
  if (shows === 'text') return `${value}::text`
  return `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
