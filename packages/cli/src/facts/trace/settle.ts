import type { Value } from './model.js'
import type { Here } from './here.js'
import { either } from './value.js'
import type { Walker } from './walker.js'

/** What comes of a value when somebody waits for it. */
export function settle(walker: Walker, value: Value, node: { start: number; end: number }, here: Here): Value {
  if (value.kind === 'either')
    return either(value.cases.map((one) => ({ ...one, value: settle(walker, one.value, node, here) })))
  if (value.kind === 'list') return { ...value, items: value.items.map((item) => settle(walker, item, node, here)) }
  if (value.kind !== 'library') return value
  const spot = { file: here.module.file, node }
  return walker.meanings.settle({ value, args: [], step: value.path.at(-1)!, spot, walker }) ?? value
}
