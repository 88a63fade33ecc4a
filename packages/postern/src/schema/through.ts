import { type Described, factsOf } from './facts.js'
import type { ThroughOwner } from './owner.js'

type Parent = Described | (() => Described)

/**
 * Each row is whose its parent is: readable with the parent, writable by whoever may write the parent. The table needs one
 * `references(parent)`. With two parents it is a link between them (many-to-many): both must pass.
 *
 * @example
 * export const lines = table('lines', { id: id(), invoiceId: references(invoices) }, { owner: through(invoices) })
 * export const taggings = table('taggings', { id: id(), postId: references(posts), tagId: references(tags) }, { owner: through(posts, tags) })
 */
export function through(...parents: readonly [Parent, ...Parent[]]): ThroughOwner {
  const resolve = (parent: Parent) => () => {
    const facts = factsOf(typeof parent === 'function' ? parent() : parent)
    if (facts === undefined) throw new TypeError('through() needs a table that was made by table()')
    return facts
  }
  return { kind: 'through', parents: parents.map(resolve) }
}
