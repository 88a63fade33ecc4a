import type { TableFacts } from '../../schema/facts.js'
import type { Statement } from '../statement.js'
import { bind, type Prepared } from './prepared.js'

/** How many statements on one table, of shapes that clients choose, PostgreSQL keeps on each connection. */
const MOST_NAMES = 100

const names = new WeakMap<TableFacts, Set<string>>()

/**
 * The statement under its name, if the table still has names to give. A named statement stays with every connection that
 * ran it until that closes, and a client chooses sorts, filters and which fields a body holds: thousands of combinations
 * must not fill PostgreSQL's memory. Those behind the first hundred are parsed each time.
 */
export function bindNamed(facts: TableFacts, statement: Prepared, values: readonly unknown[]): Statement {
  const known = names.get(facts) ?? new Set()
  names.set(facts, known)
  if (known.size < MOST_NAMES) known.add(statement.name)
  return known.has(statement.name) ? bind(statement, values) : { text: statement.text, values }
}
