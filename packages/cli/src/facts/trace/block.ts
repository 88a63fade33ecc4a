import { Names } from './scope.js'
import type { Value } from './model.js'
import type { Statement, VariableDeclaration } from 'oxc-parser'
import { bind } from './assign.js'
import type { Here } from './here.js'
import { hoist } from './hoist.js'
import type { State } from './state.js'
import { UNDEFINED } from './value.js'
import type { Walker } from './walker.js'

/** Statements with names of their own. */
export function executeBlock(walker: Walker, statements: readonly Statement[], around: Here): void {
  const here = { ...around, scope: new Names(around.scope) }
  hoist(statements, here)
  for (const statement of statements) {
    if (!walker.state.isReached) return
    walker.execute(statement, here)
  }
}

/** Declares variables with what they begin with. */
export function declare(walker: Walker, node: VariableDeclaration, here: Here): void {
  for (const { id, init } of node.declarations) {
    const value = init === null ? UNDEFINED : named(walker.evaluate(init, here), id)
    bind(walker, id, value, here)
  }
}

/** Follows `work` so that what breaks off in it goes on behind it. */
export function withBreaks(walker: Walker, ends: State[], work: () => void): void {
  const outer = walker.breaks
  walker.breaks = ends
  work()
  walker.breaks = outer
}

/** A function without a name has that of its variable. */
function named(value: Value, id: { readonly type: string; readonly name?: string }): Value {
  return value.kind === 'function' && value.name === null && id.name !== undefined ? { ...value, name: id.name } : value
}
