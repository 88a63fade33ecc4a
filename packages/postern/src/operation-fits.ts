import { flatRow } from './database/paved/flat-row.js'
import { formOf } from './form/form-slot.js'
import { listOf } from './database/paved/list-query.js'
import type { Plan } from './plan.js'
import { isServiceWritten } from './schema/owner.js'

/** A paved operation that its slots can't feed is refused when it is defined, not when it is first called. */
export function assertOperationFits({ kind, does, ownership, schemas, publicReason, columns }: Plan): void {
  if (does.kind === 'function') return
  if (kind === 'action' && (does.kind === 'page' || does.kind === 'row')) {
    throw new TypeError(`${does.kind}() reads, and an action is there to change something: read by an endpoint`)
  }
  const [written, slot] = kind === 'action' ? [schemas.input, 'input'] : [schemas.body, 'body']
  if (formOf(written)?.hasFiles === true) {
    throw new TypeError(
      `${does.kind}() writes columns, and a file is none: write a function that keeps the file and then writes the row`,
    )
  }
  const table = ownership?.by === 'table' ? ownership.facts : undefined
  const shown = 'facts' in does ? does.facts : table
  if (columns !== null && shown !== undefined && columns.facts !== shown) {
    throw new TypeError(`response: columns(${columns.facts.name}) does not fit an operation on ${shown.name}`)
  }
  if (does.kind === 'page') {
    const list = listOf(schemas.query)
    const { name } = does.facts
    if (list === undefined) throw new TypeError('page() needs query: listQuery(table)')
    if (list.lists !== name)
      throw new TypeError(`page() of ${name} needs listQuery() of the same table, and this is of ${list.lists}`)
    // A cursor holds what its page is sorted by, and is only opaque to those who don't look.
    const hidden = columns === null ? undefined : list.ordersBy.find((key) => !columns.keys.includes(key))
    if (hidden !== undefined)
      throw new TypeError(
        `A page sorted by ${name}.${hidden} shows it in its cursor: add it to columns(), or don't sort by it`,
      )
    flatRow(does.facts, 't', does.shape)
  } else if (does.kind === 'create') {
    if (isServiceWritten(does.facts.ownership))
      throw new TypeError(`create() of ${does.facts.name} has no owner: write a function, and db.asService(reason)`)
    if (written === undefined) throw new TypeError(`create() needs ${slot}: a schema`)
    if (publicReason !== null)
      throw new TypeError(`create() needs an owner, and a public ${kind} has none: write a function`)
  } else {
    if (table === undefined) throw new TypeError(`${does.kind}() needs owns or sees with a table`)
    if (does.kind === 'row') flatRow(table, 't', does.shape)
    else if (ownership?.demand !== 'owns')
      throw new TypeError(`${does.kind}() needs owns: seeing a row is not enough to write it`)
    if (does.kind === 'update' && written === undefined) throw new TypeError(`update() needs ${slot}: patchOf(Schema)`)
  }
  if ((does.kind === 'page' || does.kind === 'create') && does.under !== undefined) {
    if (table === undefined) throw new TypeError('under needs owns or sees with the table that the rows hang on')
    if (does.facts.relations[does.under]?.target() !== table) {
      throw new TypeError(`${does.facts.name} has no relation "${does.under}" to ${table.name}`)
    }
  }
}

/** A row of the path that the listed or new rows don't hang on would never be looked at, and who sent it let through. */
export function assertRowIsAsked({ does, ownership }: Plan): void {
  if ((does.kind !== 'page' && does.kind !== 'create') || does.under !== undefined || ownership === null) return
  throw new TypeError(
    `${does.kind}() with ${ownership.demand} needs under: the relation by which its rows hang on the row of the path, ` +
      'which would not be looked at otherwise',
  )
}

/** So is `owns` of a table whose rows no principal ever writes. */
export function assertOwnable({ ownership }: Plan): void {
  if (ownership?.by !== 'table' || ownership.demand === 'sees' || !isServiceWritten(ownership.facts.ownership)) return
  const { name } = ownership.facts
  throw new TypeError(
    `owns: ${name} can never pass: only the service writes its rows. Say sees, and write by db.asService(reason)`,
  )
}
