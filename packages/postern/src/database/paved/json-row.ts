import type { ColumnFacts, Relation, TableFacts } from '../../schema/facts.js'

/** Which columns and which related rows a row shows. Without `columns`: all but secrets. */
export interface Shape {
  readonly columns?: readonly string[] | undefined
  readonly with?: WithShape | undefined
}

/** Related rows by the names of their relations: `true`, or what is read along with them in turn. */
export interface WithShape {
  readonly [relation: string]: true | WithShape | undefined
}

/** Each level is a subquery for every row of the one above it: a chain without end would be a statement without end. */
const MOST_LEVELS = 4

/**
 * The SQL expression that builds the JSON of one row, as it leaves: keys as in TypeScript, keys and money as text, instants
 * in UTC with milliseconds. PostgreSQL builds it, related rows included, so that there is one statement whatever is asked
 * for, and one form whichever way a row travels. Related rows come through their own table's read rule, at every level.
 * Throws on a relation that isn't one, and below the fourth level.
 */
export function jsonRow(facts: TableFacts, alias: string, shape: Shape = {}): string {
  return rowText(facts, alias, shape, 0)
}

/** What `with` asks for, level by level. Throws on a value that is neither `true` nor a further `with`. */
export function relatedShapes(facts: TableFacts, asked: WithShape = {}): [string, Relation, Shape][] {
  return Object.entries(asked).flatMap(([name, value]) => {
    // Where a type says `customer?: true`, JavaScript may well say `customer: undefined`.
    if (value === undefined) return []
    const relation = Object.hasOwn(facts.relations, name) ? facts.relations[name] : undefined
    if (relation === undefined) throw new TypeError(`${facts.name} has no relation ${name}`)
    if (value !== true && (typeof value !== 'object' || value === null)) {
      throw new TypeError(`with: ${name} of ${facts.name} takes true, or an object with the relations to read along`)
    }
    return [[name, relation, value === true ? {} : { with: value }]]
  })
}

function rowText(facts: TableFacts, alias: string, shape: Shape, level: number): string {
  const fields = shownColumns(facts, shape.columns).map((column) => `${shown(column, alias)} as ${quoted(column.key)}`)
  for (const [name, relation, inner] of relatedShapes(facts, shape.with)) {
    fields.push(`${related(relation, alias, inner, level + 1)} as ${quoted(name)}`)
  }
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

/** The parent of a row as a FROM and its condition. Throws below the fourth level. */
export function parentFrom({ sqlName, target }: Relation, child: string, parent: string, level: number): string {
  if (level > MOST_LEVELS) throw new TypeError(`with goes at most ${MOST_LEVELS} levels deep`)
  const { name, columns, idKey } = target()
  return `${quoted(name)} ${parent} where ${parent}.${quoted(columns[idKey]!.sqlName)} = ${child}.${quoted(sqlName)}`
}

function shown(column: ColumnFacts, alias: string): string {
  const value = `${alias}.${quoted(column.sqlName)}`
  if (column.shows === 'json') return value
  if (column.shows === 'text') return `${value}::text`
  return `to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** The alias says the level, or a row's parent and the parent of that would go by one name. */
function related(relation: Relation, alias: string, shape: Shape, level: number): string {
  const inner = `related_${level}`
  const from = parentFrom(relation, alias, inner, level)
  return `(select ${rowText(relation.target(), inner, shape, level)} from ${from})`
}
