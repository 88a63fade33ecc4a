import { Names } from './scope.js'
import type { Catch } from './model.js'
import type { Here } from './here.js'
import { executeBlock } from './block.js'
import type { Statement } from 'oxc-parser'
import { bind } from './assign.js'
import { origin } from './origin.js'
import type { State } from './state.js'
import { from } from './value.js'
import type { Walker } from './walker.js'

type Try = Extract<Statement, { type: 'TryStatement' }>

/** `try`: what is caught knows nothing of what was found out before it was thrown. */
export function followTry(walker: Walker, node: Try, here: Here): void {
  if (node.handler === null) executeBlock(walker, node.block.body, here)
  else followCaught(walker, node, node.handler, here)
  if (node.finalizer === null) return
  const { isReached } = walker.state
  walker.state.isReached = true
  executeBlock(walker, node.finalizer.body, here)
  walker.state.isReached &&= isReached
}

function followCaught(walker: Walker, node: Try, handler: NonNullable<Try['handler']>, here: Here): void {
  const before = walker.state
  const { trying: outer, inCatch } = walker
  const record: Catch = {
    file: here.module.file,
    node: handler,
    facts: [],
    tried: [],
    outer: outer?.record ?? null,
    throwsOn: false,
    alwaysThrows: false,
  }
  walker.catches.push(record)
  const thrown: State[] = []
  walker.trying = { record, thrown, outer }
  walker.state = before.fork()
  executeBlock(walker, node.block.body, here)
  const after = walker.state
  walker.trying = outer
  walker.state = before.join([before.fork(), ...thrown])
  walker.inCatch = record
  const inner = { ...here, scope: new Names(here.scope) }
  if (handler.param !== null)
    bind(walker, handler.param, from(origin({ from: 'error', name: '', source: record })), inner)
  const returned = walker.frame?.returns.length ?? 0
  executeBlock(walker, handler.body.body, inner)
  record.alwaysThrows = !walker.state.isReached && (walker.frame?.returns.length ?? 0) === returned
  // What goes wrong in here goes wrong out there, too.
  if (record.throwsOn) outer?.record.tried.push(...record.tried)
  walker.inCatch = inCatch
  walker.state = before.join([after, walker.state])
}
