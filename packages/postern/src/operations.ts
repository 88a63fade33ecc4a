import type { Shape } from './database/paved/json-row.js'
import type { ListQuery } from './database/paved/list-query.js'
import type { PavedTable, With } from './database/scope-types.js'
import type { Principal } from './principal.js'
import { FACTS, type TableFacts } from './schema/facts.js'

/** What an operation does, as data: the runtime knows it before a request comes, and sends it in one round trip. */
export type OperationPlan =
  | { readonly kind: 'page'; readonly facts: TableFacts; readonly shape: Shape; readonly under: string | undefined }
  | { readonly kind: 'row'; readonly shape: Shape }
  | { readonly kind: 'create'; readonly facts: TableFacts; readonly under: string | undefined }
  | { readonly kind: 'update' }
  | { readonly kind: 'remove' }

/** A paved operation: the second argument of `endpoint`, where no function is needed. `Needs` is what the slots must give. */
export interface Operation<in Needs> {
  readonly plan: OperationPlan
  /** Phantom. */
  readonly needs?: (context: Needs) => void
}

interface Within<Relations> {
  /** The relation by which the rows hang on the resource of the path: `/invoices/[id]/payments` is `under: 'invoice'`. */
  readonly under?: keyof Relations & string
}

/**
 * A page of a table, in one statement, related rows included. It needs `query: listQuery(table)`: there is no list without bounds.
 *
 * @example
 * export const GET = endpoint({ query: listQuery(invoices) }, page(invoices, { with: { customer: true } }))
 */
export function page<Name extends string, Row, Insert, Relations>(
  table: PavedTable<Name, Row, Insert, Relations>,
  options: { readonly with?: With<Relations> } & Within<Relations> = {},
): Operation<{ readonly query: ListQuery<Name> }> {
  return {
    plan: { kind: 'page', facts: table[FACTS], shape: { with: options.with as Shape['with'] }, under: options.under },
  }
}

/**
 * The row that the path names. It needs `owns` or `sees`. Relations are named as in `page`; an unknown one throws at once.
 *
 * @example
 * export const GET = endpoint({ sees: invoices }, row({ with: { customer: true } }))
 */
export function row(
  options: { readonly with?: Readonly<Record<string, true>> } = {},
): Operation<{ readonly resource: unknown }> {
  return { plan: { kind: 'row', shape: { with: options.with } } }
}

/**
 * Makes a row from the body: 201 and its `Location`. The owner is the principal, never the body's.
 *
 * @example
 * export const POST = endpoint({ body: InvoiceInput }, create(invoices))
 */
export function create<Name extends string, Row, Insert, Relations, Under extends keyof Relations & string = never>(
  table: PavedTable<Name, Row, Insert, Relations>,
  options: { readonly under?: Under } = {},
): Operation<{ readonly body: Omit<Insert, `${Under}Id`>; readonly principal: Principal }> {
  return { plan: { kind: 'create', facts: table[FACTS], under: options.under } }
}

/**
 * Changes the row that the path names. It needs `owns: table` and `body: patchOf(Schema)`.
 *
 * @example
 * export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
 */
export function update(): Operation<{ readonly fits: 'the body fits the table' }> {
  return { plan: { kind: 'update' } }
}

/**
 * Deletes the row that the path names: 204. It needs `owns: table`.
 *
 * @example
 * export const DELETE = endpoint({ owns: invoices }, remove())
 */
export function remove(): Operation<{ readonly resource: unknown; readonly principal: Principal }> {
  return { plan: { kind: 'remove' } }
}
