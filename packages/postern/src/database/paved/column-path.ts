import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import { quoted } from './shape.js'

/** A column of the table that a list is made of, which goes by the alias `t`. */
export function pathOf({ sqlName }: Pick<ColumnFacts, 'sqlName'>): string {
  return `t.${quoted(sqlName)}`
}

/** Throws on a key that the table has not: names in SQL come from the schema alone. */
export function columnOf(facts: TableFacts, key: string): ColumnFacts {
  const found = Object.hasOwn(facts.columns, key) ? facts.columns[key] : undefined
  if (found === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
  return found
}
