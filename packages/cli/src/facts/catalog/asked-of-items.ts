import type { Value } from '../trace/model.js'
import { origin } from '../trace/origin.js'
import { askedBy } from '../trace/truth.js'
import { from } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { METHODS } from './methods.js'

/** Methods that ask something of each item of a list. */
const ASKING = new Set(['find', 'findLast', 'some', 'every', 'filter'])

/**
 * `(await auth.api.listMembers({ … })).members.some((one) => one.userId === user.id)`: of what a library has answered, and nobody has
 * described, what is asked of each item is asked of what came of that call.
 */
export function askedOfItems({ value, args, step, spot, walker }: LibraryCall): Value | undefined {
  const called = value.path.slice(0, -1).findLast((one) => one.args !== undefined)
  if (called === undefined || !ASKING.has(step.name) || args[0]?.kind !== 'function') return undefined
  const answered = origin({ from: 'answered', name: '', source: askedBy(called, value.package) })
  const list = from(answered, ...value.origins)
  return METHODS.get(step.name)?.(list, { callee: value, args, at: { spot, self: list, name: step.name }, walker })
}
