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

/** Each level is a lookup for every row of the one above it: a chain without end would be a statement without end. */
const MOST_LEVELS = 4

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
