import type { Here } from './here.js'
import type { Statement } from 'oxc-parser'
import { narrow } from './narrow.js'
import { conditionsOf } from './truth.js'
import { truthOf } from './value.js'
import type { Walker } from './walker.js'

/** `if`: either path knows what the test has shown, and where one of them ends, what is behind knows the other. */
export function branch(walker: Walker, node: Extract<Statement, { type: 'IfStatement' }>, here: Here): void {
  const test = walker.evaluate(node.test, here)
  if (!walker.state.isReached) return
  const truth = truthOf(test)
  if (truth !== undefined) {
    const taken = truth ? node.consequent : node.alternate
    if (taken !== null) walker.execute(taken, here)
    return
  }
  const { holds, fails } = conditionsOf(test)
  const before = walker.state
  const take = (path: Statement | null, isTrue: boolean) => {
    walker.state = before.fork(isTrue ? holds : fails)
    narrow(walker, node.test, isTrue, here)
    if (path !== null) walker.execute(path, here)
    return walker.state
  }
  const yes = take(node.consequent, true)
  const no = take(node.alternate, false)
  walker.state = before.join([yes, no])
  const learned = !yes.isReached ? fails : !no.isReached ? holds : []
  if (learned.length > 0 && walker.state.isReached)
    walker.note({ file: here.module.file, node: node.test }, { fact: 'guard', conditions: learned })
}
