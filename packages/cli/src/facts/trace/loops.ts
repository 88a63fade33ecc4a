import { Names } from './scope.js'
import type { Here } from './here.js'
import { settle } from './settle.js'
import { declare, withBreaks } from './block.js'
import type { Statement } from 'oxc-parser'
import { assign, bind } from './assign.js'
import type { Value } from './model.js'
import type { State } from './state.js'
import { from, memberOfList, originsOf } from './value.js'
import type { Walker } from './walker.js'

type Loop = Extract<
  Statement,
  { type: 'ForStatement' | 'ForInStatement' | 'ForOfStatement' | 'WhileStatement' | 'DoWhileStatement' }
>

/** A loop: its body is followed once, as one that may run often or not at all. */
export function followLoop(walker: Walker, node: Loop, around: Here): void {
  const here = { ...around, scope: new Names(around.scope) }
  if (node.type === 'ForStatement') {
    if (node.init?.type === 'VariableDeclaration') declare(walker, node.init, here)
    else if (node.init != null) walker.evaluate(node.init, here)
    if (node.test !== null) walker.evaluate(node.test, here)
    return repeat(walker, node, here, () => walker.execute(node.body, here))
  }
  if (node.type === 'WhileStatement' || node.type === 'DoWhileStatement') {
    walker.evaluate(node.test, here)
    return repeat(walker, node, here, () => walker.execute(node.body, here))
  }
  const rows = settle(walker, walker.evaluate(node.right, here), node.right, here)
  const item = node.type === 'ForOfStatement' ? memberOfList(rows) : from(...originsOf(rows))
  const step = () => {
    if (node.left.type === 'VariableDeclaration') bind(walker, node.left.declarations[0]!.id, item, here)
    else assign(walker, node.left, item, here)
    walker.execute(node.body, here)
  }
  repeat(walker, node, here, step, rows)
}

function repeat(walker: Walker, node: Loop, { module }: Here, body: () => void, rows: Value | null = null): void {
  const before = walker.state
  walker.state = before.fork()
  const ends: State[] = []
  walker.repeated(rows, { file: module.file, node }, () => withBreaks(walker, ends, body))
  walker.state = before.join([before.fork(), walker.state, ...ends])
}
