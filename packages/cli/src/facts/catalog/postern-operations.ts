import type { LibraryValue, Value } from '../trace/model.js'
import { literal, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { textOf } from './library.js'
import { pavedQuery, rowOf } from './postern-scope.js'

export function tableOf(table: Value | undefined): string | null {
  const made = table?.kind === 'library' ? table.path.find(({ args }) => args !== undefined) : undefined
  return textOf(made?.args?.[0]) ?? null
}

interface Given {
  readonly scope: LibraryValue
  readonly resource: Value
  readonly body: Value | undefined
}

/** A paved operation in place of a function. */
export function operate({ walker, spot }: LibraryCall, work: LibraryValue, { scope, resource, body }: Given): Value {
  const { name, args } = work.path.at(-1) ?? { name: '' }
  const table = tableOf(args?.[0])
  switch (name) {
    case 'page':
      return rowOf(pavedQuery(walker, spot, scope, { does: 'list', table, limit: literal(100) }))
    case 'row':
      return resource
    case 'create':
      return rowOf(pavedQuery(walker, spot, scope, { does: 'create', table, data: body }))
    case 'update':
      return rowOf(
        pavedQuery(walker, spot, scope, { does: 'update', table: tableOfRow(resource), id: resource, data: body }),
      )
    case 'remove':
      pavedQuery(walker, spot, scope, { does: 'delete', table: tableOfRow(resource), id: resource })
      return UNDEFINED
    default:
      return UNKNOWN
  }
}

function tableOfRow(row: Value): string | null {
  const [found] = row.kind === 'unknown' ? row.origins : []
  return found?.from === 'row' ? found.source.table : null
}
