import { createHash } from 'node:crypto'
import type { TableFacts } from '../../schema/facts.js'
import { roleNames, type RoleNames } from '../role-names.js'
import type { Statement } from '../statement.js'

/** SQL that is compiled once and run often: the text, and the name under which PostgreSQL keeps its plan. */
export interface Prepared {
  readonly text: string
  readonly name: string
  /** Its name as each role prepares it. */
  readonly names: RoleNames
}

/** The name is the text's own hash: the same name can't mean two texts, in this process or any other. */
export function prepared(text: string): Prepared {
  const name = `postern_${createHash('sha256').update(text).digest('hex').slice(0, 20)}`
  return { text, name, names: roleNames(name) }
}

export function bind({ text, name, names }: Prepared, values: readonly unknown[]): Statement {
  return { text, name, names, values }
}

/**
 * Keeps what was made for each table, by shape, and forgets the oldest: which optional fields a body holds is the client's
 * choice, and a client must not be able to fill the memory with shapes.
 */
export class PerShape<Made> {
  readonly #tables = new WeakMap<TableFacts, Map<string, Made>>()

  /** What was made for this shape; `make` is asked for it where it is not known. */
  get(facts: TableFacts, shape: string, make: () => Made): Made {
    const shapes = this.#tables.get(facts) ?? new Map<string, Made>()
    this.#tables.set(facts, shapes)
    const known = shapes.get(shape)
    if (known !== undefined) return known
    const made = make()
    if (shapes.size >= MOST_SHAPES) shapes.delete(shapes.keys().next().value as string)
    shapes.set(shape, made)
    return made
  }
}

const MOST_SHAPES = 256
