import type { RouteParams } from '../call.js'
import { isRowId, type RowMatch } from '../database/paved/row-match.js'
import type { Ownership } from '../plan.js'
import { problem } from '../problems.js'
import type { OwnershipQuestion } from '../slots.js'

/**
 * Stage 3, for a table: which row the path names. Every other dynamic segment must be a column of that row, so that
 * `/customers/1/invoices/7` does not answer for the invoice of customer 2. Throws `not-found` for what can't be an id.
 */
export function rowNamed(ownership: Extract<Ownership, { by: 'table' }>, params: RouteParams): RowMatch {
  const { [ownership.param]: id, ...others } = params
  if (id === undefined) {
    throw new TypeError(
      `The path has no segment [${ownership.param}]; say { table, param: 'name' } where it is called otherwise`,
    )
  }
  const columns: Record<string, string> = {}
  for (const [name, value] of Object.entries(others)) {
    if (ownership.facts.columns[name] === undefined) {
      throw new TypeError(
        `The path's segment [${name}] is no column of ${ownership.facts.name}: rename it, or load the row by a function`,
      )
    }
    if (typeof value !== 'string' || value.includes('\0')) throw problem('not-found')
    columns[name] = value
  }
  if (typeof id !== 'string' || !isRowId(id)) throw problem('not-found')
  return { id, columns }
}

/** Stage 3, for another store: what the function loads is the resource. Throws `not-found` where it loads nothing. */
export async function loadResource(
  ownership: Extract<Ownership, { by: 'function' }>,
  question: OwnershipQuestion,
): Promise<unknown> {
  const resource = await ownership.load(question)
  if (resource === null || resource === undefined) throw problem('not-found')
  return resource
}
