import type { ColumnFacts, TableFacts } from '../../schema/facts.js'

/** Which columns and which related rows a row shows. Without `columns`: all but secrets. */
export interface Shape {
  readonly columns?: readonly string[] | undefined
  readonly with?: Readonly<Record<string, true>> | undefined
}

/**
 * The SQL expression that builds the JSON of one row, as it leaves: keys as in TypeScript, keys and money as text, instants
 * in UTC with milliseconds. PostgreSQL builds it, related rows included, so that there is one statement whatever is asked
 * for, and one form whichever way a row travels. Related rows come through their own table's read rule.
 */
export function jsonRow(facts: TableFacts, alias: string, shape: Shape = {}): string {
  const fields = shownColumns(facts, shape.columns).map((column) => `${shown(column, alias)} as ${quoted(column.key)}`)
  for (const name of Object.keys(shape.with ?? {})) fields.push(`${related(facts, alias, name)} as ${quoted(name)}`)
  return `(select row_to_json(${WHOLE_ROW}) from (select ${fields.join(', ')}) ${WHOLE_ROW})`
}

/** No key of TypeScript's is called so: a column of that name would be taken for the row. */
const WHOLE_ROW = '"postern.row"'

/** The columns that may leave, in the order of declaration. Throws on a name that isn't one. */
export function shownColumns(facts: TableFacts, keys?: readonly string[]): ColumnFacts[] {
  if (keys === undefined) return Object.values(facts.columns).filter((column) => !column.secret)
  return keys.map((key) => {
    const column = facts.columns[key]
    if (column === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
    if (column.secret) throw new TypeError(`${facts.name}.${key} is secret and can't be shown`)
    return column
  })
}

/** An SQL identifier. Names come from the schema, never from a request; quoting is for reserved words and case. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function shown(column: ColumnFacts, alias: string): string {
  const value = `${alias}.${quoted(column.sqlName)}`
  if (column.shows === 'json') return value
  if (column.shows === 'text') return `${value}::text`
  return `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

function related(facts: TableFacts, alias: string, name: string): string {
  const relation = facts.relations[name]
  if (relation === undefined) throw new TypeError(`${facts.name} has no relation ${name}`)
  const target = relation.target()
  const inner = `${name}_row`
  const key = quoted(target.columns[target.idKey]!.sqlName)
  const on = `${quoted(inner)}.${key} = ${alias}.${quoted(relation.sqlName)}`
  return `(select ${jsonRow(target, quoted(inner))} from ${quoted(target.name)} ${quoted(inner)} where ${on})`
}
