import type { Expression, Super } from 'oxc-parser'
import { assign } from './assign.js'
import type { Here } from './here.js'
import type { Value } from './model.js'
import { casesOf, from, originsOf } from './value.js'
import type { Walker } from './walker.js'

/** More of them are not told apart: only where they come from is kept. */
const MOST_ITEMS = 8

/** `ids.push(id)`: from then on a variable's list has that too, and nobody knows how often that is done. */
export function lengthen(
  walker: Walker,
  target: Expression | Super,
  list: Value,
  added: readonly Value[],
  here: Here,
): void {
  if (target.type !== 'Identifier') return
  const items = new Set<Value>()
  for (const { value } of casesOf(list)) {
    if (value.kind !== 'list') return
    for (const item of value.items) items.add(item)
  }
  for (const item of added) items.add(item)
  const all = [...items]
  const kept = all.length <= MOST_ITEMS ? all : [from(...all.flatMap((item) => originsOf(item)))]
  assign(walker, target, { kind: 'list', items: kept, isWhole: false }, here)
}
