import type { Statement } from 'oxc-parser'
import type { Here } from './here.js'
import type { ObjectValue, Value } from './model.js'
import type { Walker } from './walker.js'

/** `const db = {}` with all that its module puts into it afterwards: `db.posts = define(…)`. */
export function grown(walker: Walker, name: string, made: ObjectValue, here: Here): Value {
  const cell = here.scope.own(name)
  const added = (here.module.file.program.body as Statement[]).filter((one) => addsTo(one, name))
  if (cell === undefined || added.length === 0) return made
  walker.state.set(cell, made)
  for (const statement of added) walker.execute(statement, here)
  const after = walker.state.get(cell)
  return after.kind === 'object' ? walker.meanings.grown(after) : after
}

function addsTo(node: Statement, name: string): boolean {
  if (node.type !== 'ExpressionStatement' || node.expression.type !== 'AssignmentExpression') return false
  const { left } = node.expression
  return left.type === 'MemberExpression' && left.object.type === 'Identifier' && left.object.name === name
}
