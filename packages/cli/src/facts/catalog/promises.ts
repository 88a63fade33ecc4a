import type { NativeFunction, Value } from '../trace/model.js'
import { callValue } from '../trace/call.js'
import type { State } from '../trace/state.js'
import { from, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { Meaning } from './library.js'

/**
 * `new Promise((resolve, reject) => …)`: whoever waits for it goes on where it was resolved, with what was known there. A function that
 * was handed on to where nobody can follow it may be called at any time, and then nothing is known.
 */
export const promises: Meaning = (call) => {
  const { args, walker, spot } = call
  const [executor] = args
  if (executor?.kind !== 'function') return undefined
  const resolved: { readonly value: Value; readonly state: State }[] = []
  const resolve: NativeFunction = {
    kind: 'native',
    name: 'resolve',
    call: ([value = UNDEFINED]) => {
      resolved.push({ value, state: walker.state.fork() })
      return UNDEFINED
    },
  }
  const reject: NativeFunction = {
    kind: 'native',
    name: 'reject',
    call: (given, at) => rejects({ ...call, args: given, spot: at.spot }) ?? UNDEFINED,
  }
  const before = walker.state
  walker.state = before.fork()
  callValue(walker, executor, [resolve, reject], { spot })
  const open = resolved.filter(({ state }) => state.isReached)
  walker.state = before.join(open.length === 0 ? [before.fork()] : open.map(({ state }) => state))
  const [only] = open
  if (open.length === 1) return only!.value
  return open.length === 0 ? UNKNOWN : from(...open.flatMap(({ value }) => originsOf(value)))
}

/** Whoever waits for it goes no further, as where something is thrown. */
export const rejects: Meaning = ({ args: [value = UNDEFINED], walker, spot }) => {
  walker.note(spot, { fact: 'throw', value })
  if (walker.inCatch !== null) walker.inCatch.throwsOn = true
  walker.leave()
  return UNDEFINED
}
