import type { NativeFunction, Spot, Value } from '../trace/model.js'
import { callValue, opaque } from '../trace/call.js'
import { looksLikeGuard as isGuardName } from '../trace/guard-name.js'
import { UNDEFINED } from '../trace/value.js'
import type { Walker } from '../trace/walker.js'

/** What a handler is called with, beside the `next` that leads on. */
export type ArgumentsOf = (handed: readonly Value[], next: Value) => readonly Value[]

/**
 * Follows a row of handlers: each is given a `next` that goes on with the one after it, so that what a middleware has found out is known
 * in what it lets through, and one that does not call `next` lets nothing through.
 */
export function followChain(
  walker: Walker,
  handlers: readonly Value[],
  handed: readonly Value[],
  spot: Spot,
  argumentsOf: ArgumentsOf,
): void {
  run(0, handed)

  function run(index: number, given: readonly Value[]): Value {
    const handler = handlers[index]
    if (handler === undefined) return UNDEFINED
    let isCalled = false
    const next: NativeFunction = {
      kind: 'native',
      name: 'next',
      // With an argument it is an error that goes on, past every other handler.
      call: (args) => {
        isCalled = true
        if (args.length === 0 || args[0]!.kind === 'literal') return run(index + 1, givenOn(walker, given))
        // Whoever handles errors there hears of it, as if it had been thrown on.
        if (walker.inCatch !== null) walker.inCatch.throwsOn = true
        return UNDEFINED
      },
    }
    const args = argumentsOf(given, next)
    if (handler.kind === 'function' || handler.kind === 'native' || handler.kind === 'either')
      return callValue(walker, handler, args, { spot })
    if (handler.kind === 'library') {
      const value = { ...handler, path: [...handler.path, { name: '', args }] }
      const meant = walker.meanings.call({ value, args, step: value.path.at(-1)!, spot, walker })
      if (meant !== undefined) return meant
    }
    walker.isGuardUnsure ||= looksLikeGuard(handler)
    const wrapped = wrappedBy(handler)
    if (wrapped !== undefined) {
      const result = callValue(walker, wrapped, args, { spot })
      return isCalled || index === handlers.length - 1 ? result : run(index + 1, given)
    }
    // Nobody knows what it does: that it lets through is all that can be said of it.
    opaque(walker, handler, [], { spot })
    return run(index + 1, given)
  }
}

/** `asyncHandler(async (req, res) => …)`: of a package that nobody knows, given one function, it is that function that is called. */
function wrappedBy(handler: Value): Value | undefined {
  const last = handler.kind === 'library' ? handler.path.at(-1) : undefined
  return last?.args?.length === 1 && last.args[0]!.kind === 'function' ? last.args[0] : undefined
}

function looksLikeGuard(value: Value): boolean {
  return value.kind === 'library' && value.path.some(({ name }) => isGuardName({ library: value.package, name }))
}

/** What a middleware has put on the request goes on with it, from the innermost function that was handed it. */
function givenOn(walker: Walker, handed: readonly Value[]): readonly Value[] {
  return handed.map((value, index) => {
    for (let { frame } = walker; frame !== null; frame = frame.outer) {
      const param = frame.node.params[index]
      const cell = param?.type === 'Identifier' ? frame.scope.own(param.name) : undefined
      const now = cell === undefined ? undefined : walker.state.get(cell)
      if (now !== undefined && isMadeOf(now, value)) return now
    }
    return value
  })
}

/** The same, or with more on it: a callback has parameters of its own, which are none of the request. */
function isMadeOf(value: Value, handed: Value): boolean {
  if (value === handed) return true
  if (value.kind === 'object') return value.others.some((other) => isMadeOf(other, handed))
  return value.kind === 'either' && value.cases.some((one) => isMadeOf(one.value, handed))
}
