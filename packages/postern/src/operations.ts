import type { Shape, WithShape } from './database/paved/shape.js'
import type { PavedTable } from './database/scope-types.js'
import type { Paths, With } from './database/with-types.js'
import { FACTS, type TableFacts } from './schema/facts.js'

/** What an operation does, as data: the runtime knows it before a request comes, and sends it in one round trip. */
export type OperationPlan =
  | { readonly kind: 'page'; readonly facts: TableFacts; readonly shape: Shape; readonly under: string | undefined }
  | { readonly kind: 'row'; readonly shape: Shape }
  | { readonly kind: 'create'; readonly facts: TableFacts; readonly under: string | undefined }
  | { readonly kind: 'update' }
  | { readonly kind: 'remove' }

/** A paved operation: the second argument of `endpoint`, where no function is needed. `Needs` names what the slots must give. */
export interface Operation<Needs> {
  readonly plan: OperationPlan
  /** Phantom. */
  readonly needs?: Needs
}

/** What operations need, by the names of tables alone: hovering shows them. */
export interface Pages<Name extends string, Under extends string = never> {
  readonly pages: Name
  readonly under: Under
}
export interface Creates<Name extends string, Under extends string = never> {
  readonly creates: Name
  readonly under: Under
}
export interface Reads<Path extends string = never> {
  /** The relations on the way with dots between them: `invoice`, `invoice.customer`. */
  readonly with: Path
}

interface Within<Under> {
  /** The relation by which the rows hang on the resource of the path: `/invoices/[id]/payments` is `under: 'invoice'`. */
  readonly under?: Under
}

/**
 * A page of a table, in one statement, related rows included, up to four levels of them. It needs `query: listQuery(table)`: there is no list without bounds.
 *
 * @example
 * export const GET = endpoint({ query: listQuery(invoices) }, page(invoices, { with: { customer: true } }))
 */
export function page<Name extends string, Relations, Under extends keyof Relations & string = never>(
  table: PavedTable<Name, unknown, unknown, Relations>,
  options: { readonly with?: With<Relations> } & Within<Under> = {},
): Operation<Pages<Name, Under>> {
  return {
    plan: {
      kind: 'page',
      facts: table[FACTS],
      shape: { with: options.with as WithShape | undefined },
      under: options.under,
    },
  }
}

/**
 * The row that the path names. It needs `owns` or `sees`. Relations are named as in `page`.
 *
 * @example
 * export const GET = endpoint({ sees: payments }, row({ with: { invoice: { customer: true } } }))
 */
export function row<const W extends WithShape = {}>(options: { readonly with?: W } = {}): Operation<Reads<Paths<W>>> {
  return { plan: { kind: 'row', shape: { with: options.with } } }
}

/**
 * Makes a row from the body: 201 and its `Location`. The owner is the principal, never the body's.
 *
 * @example
 * export const POST = endpoint({ body: InvoiceInput }, create(invoices))
 */
export function create<Name extends string, Relations, Under extends keyof Relations & string = never>(
  table: PavedTable<Name, unknown, unknown, Relations>,
  options: Within<Under> = {},
): Operation<Creates<Name, Under>> {
  return { plan: { kind: 'create', facts: table[FACTS], under: options.under } }
}

/**
 * Changes the row that the path names. It needs `owns: table` and `body: patchOf(Schema)`.
 *
 * @example
 * export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
 */
export function update(): Operation<'update'> {
  return { plan: { kind: 'update' } }
}

/**
 * Deletes the row that the path names: 204. It needs `owns: table`.
 *
 * @example
 * export const DELETE = endpoint({ owns: invoices }, remove())
 */
export function remove(): Operation<'remove'> {
  return { plan: { kind: 'remove' } }
}
