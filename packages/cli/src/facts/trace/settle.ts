import type { Spot, Value } from './model.js'
import type { Here } from './here.js'
import { either } from './value.js'
import type { Walker } from './walker.js'

/** What comes of a value when somebody waits for it. */
export function settle(walker: Walker, value: Value, node: { start: number; end: number }, here: Here): Value {
  return settleAt(walker, value, { file: here.module.file, node })
}

/** The same for what a framework waits for: it is told at a place that the framework was given. */
export function settleAt(walker: Walker, value: Value, spot: Spot): Value {
  if (value.kind === 'either')
    return either(value.cases.map((one) => ({ ...one, value: settleAt(walker, one.value, spot) })))
  if (value.kind === 'list') return { ...value, items: value.items.map((item) => settleAt(walker, item, spot)) }
  if (value.kind !== 'library') return value
  return walker.meanings.settle({ value, args: [], step: value.path.at(-1)!, spot, walker }) ?? value
}
