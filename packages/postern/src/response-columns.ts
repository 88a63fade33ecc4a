import { shownColumns } from './database/paved/shape.js'
import { type Described, FACTS, type TableFacts } from './schema/facts.js'

/** An allow-list of columns: nothing else of a row leaves. Made by `columns()`. */
export interface ResponseColumns<T> {
  readonly facts: TableFacts
  readonly keys: readonly string[]
  /** Phantom. */
  readonly shows?: T
}

/**
 * What of a table's rows may leave. It becomes part of the statement, so that the rest is not even read.
 * Throws at once on a column that the table has not, or that is secret.
 *
 * @example
 * export const GET = endpoint({ sees: customers, response: columns(customers, ['id', 'name']) }, row())
 */
export function columns<Name extends string, Row, const Key extends keyof Row & string>(
  table: Described<Name, Row>,
  keys: readonly Key[],
): ResponseColumns<Pick<Row, Key>> {
  const facts = table[FACTS]
  shownColumns(facts, keys)
  return { facts, keys }
}

export function isResponseColumns(value: unknown): value is ResponseColumns<unknown> {
  return typeof value === 'object' && value !== null && 'facts' in value && 'keys' in value
}
