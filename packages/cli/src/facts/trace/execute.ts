import { Names } from './scope.js'
import type { Here } from './here.js'
import { settle } from './settle.js'
import type { Directive, Statement } from 'oxc-parser'
import { declare, executeBlock, withBreaks } from './block.js'
import { branch } from './branch.js'
import { followLoop } from './loops.js'
import { followTry } from './try-catch.js'
import type { State } from './state.js'
import { UNDEFINED } from './value.js'
import type { Walker } from './walker.js'

/** Ways out of one function that are told apart. */
const MOST_RETURNS = 200

/** Follows one statement. Where every path through it ends, the state is not reached any more. */
export function execute(walker: Walker, node: Statement | Directive, here: Here): void {
  walker.steps += 1
  if (walker.isSpent) return
  const { file } = here.module
  switch (node.type) {
    case 'ExpressionStatement':
      settle(walker, walker.evaluate(node.expression, here), node, here)
      return
    case 'VariableDeclaration':
      return declare(walker, node, here)
    case 'ReturnStatement': {
      const { argument } = node
      const given = argument === null ? UNDEFINED : walker.evaluate(argument, here)
      // What a plain function returns is waited for by its caller, or never: a client it has made stays one.
      const isAwaited = walker.frame?.node.async !== false || walker.isAnswering
      const value = isAwaited ? settle(walker, given, node, here) : given
      if (!walker.state.isReached) return
      // What all paths know where they meet costs as much as there are paths, times what each has changed.
      if ((walker.frame?.returns.length ?? 0) < MOST_RETURNS)
        walker.frame?.returns.push({ value, state: walker.state.fork() })
      else walker.isPartial = true
      if (walker.isAnswering) walker.onAnswer?.(value, { file, node })
      walker.state.isReached = false
      return
    }
    case 'ThrowStatement': {
      const value = walker.evaluate(node.argument, here)
      walker.note({ file, node }, { fact: 'throw', value })
      if (walker.inCatch !== null) walker.inCatch.throwsOn = true
      return walker.leave()
    }
    case 'BlockStatement':
      return executeBlock(walker, node.body, here)
    case 'IfStatement':
      return branch(walker, node, here)
    case 'SwitchStatement':
      return choose(walker, node, here)
    case 'TryStatement':
      return followTry(walker, node, here)
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return followLoop(walker, node, here)
    case 'BreakStatement':
    case 'ContinueStatement':
      walker.breaks?.push(walker.state.fork())
      walker.state.isReached = false
      return
    case 'LabeledStatement':
      return walker.execute(node.body, here)
    case 'ExportNamedDeclaration':
      if (node.declaration !== null) walker.execute(node.declaration as Statement, here)
      return
    case 'ExportDefaultDeclaration':
      if (!node.declaration.type.endsWith('Declaration')) walker.evaluate(node.declaration as never, here)
      return
    default:
      return
  }
}

type Switch = Extract<Statement, { type: 'SwitchStatement' }>

function choose(walker: Walker, node: Switch, here: Here): void {
  walker.evaluate(node.discriminant, here)
  const before = walker.state
  const ends: State[] = []
  for (const one of node.cases) {
    walker.state = before.fork()
    const inner = { ...here, scope: new Names(here.scope) }
    if (one.test !== null) walker.evaluate(one.test, inner)
    withBreaks(walker, ends, () => executeBlock(walker, one.consequent, inner))
    ends.push(walker.state)
  }
  const hasDefault = node.cases.some(({ test }) => test === null)
  walker.state = before.join(hasDefault ? ends : [...ends, before.fork()])
}
