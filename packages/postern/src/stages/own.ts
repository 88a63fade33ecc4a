import type { Call, RouteParams } from '../call.js'
import { isRowId, type RowMatch } from '../database/paved/row-match.js'
import type { Ownership, Question } from '../plan.js'
import { problem } from '../problems.js'
import { withGetters } from './with-getters.js'

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

/**
 * Stage 3, by a function: what it loads is the resource. `db` is what the endpoint's function gets, so that both see the
 * same transaction. Throws `not-found` where it loads nothing.
 */
export async function loadResource(
  ownership: Extract<Ownership, { by: 'function' }>,
  {
    params,
    principal,
    request,
    deadline,
    input,
  }: Pick<Call, 'params' | 'principal' | 'request' | 'deadline' | 'input'>,
  given: { readonly db?: unknown },
): Promise<unknown> {
  const known = { ...given, principal, params, ...('input' in input ? { input: input.input } : {}), request }
  const question = withIdAndSignal(known, { params, deadline })
  const resource = await ownership.load(question as Question)
  if (resource === null || resource === undefined) throw problem('not-found')
  return resource
}

const withIdAndSignal = withGetters<Pick<Call, 'params' | 'deadline'>>({
  id: ({ params }) => idIn(params),
  signal: ({ deadline }) => deadline.signal,
})

function idIn({ id }: RouteParams): string {
  if (typeof id === 'string') return id
  throw new TypeError('The path has no segment [id]: an owns or sees function finds the others in params')
}
