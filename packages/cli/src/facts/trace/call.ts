import { Names } from './scope.js'
import type { CallAt, ClassValue, FunctionValue, Spot, Value } from './model.js'
import { settle } from './settle.js'
import { madeOf, origin } from './origin.js'
import { looksLikeGuard, looksLikeLog } from './guard-name.js'
import { hoist } from './hoist.js'
import type { Function as FunctionNode } from 'oxc-parser'
import { bind } from './assign.js'
import { declareInjected, isNamed } from './fields.js'
import { beyond } from './state.js'
import { casesOf, either, from, isNullish, originsOf, UNDEFINED, UNKNOWN } from './value.js'
import type { Returned, Walker } from './walker.js'

/** What a call comes to. A function of the tree is followed, a library's is asked for its meaning. */
export function callValue(walker: Walker, callee: Value, args: readonly Value[], at: CallAt): Value {
  if (!walker.state.isReached) return UNKNOWN
  switch (callee.kind) {
    case 'function':
      return follow(walker, callee, args, at.spot)
    case 'native':
      return callee.call(args, at)
    case 'either':
      return callEither(walker, callee, args, at)
    case 'library': {
      const last = callee.path.at(-1)
      // What a call came to is called again: `withAuth(options)(handler)`.
      const isAgain = last?.args !== undefined
      // The whole of a package is called: what it exports by default.
      const step = last === undefined ? { name: 'default', args } : isAgain ? { name: '', args } : { ...last, args }
      const value = { ...callee, path: [...(isAgain ? callee.path : callee.path.slice(0, -1)), step] }
      const self = at.self === undefined ? {} : { self: at.self }
      const call = { value, args, step, spot: at.spot, walker, isTag: at.isTag === true, ...self }
      return walker.meanings.call(call) ?? opaque(walker, value, args, at)
    }
    default:
      return walker.meanings.method({ callee, args, at, walker }) ?? opaque(walker, callee, args, at)
  }
}

/** Of several the paths part, and meet again after the call. */
function callEither(walker: Walker, callee: Value & { kind: 'either' }, args: readonly Value[], at: CallAt): Value {
  const callable = callee.cases.filter((one) => !isNullish(one.value))
  const before = walker.state
  const ends = callable.map((one) => {
    walker.state = before.fork(one.given)
    return { value: callValue(walker, one.value, args, at), given: one.given, state: walker.state }
  })
  if (ends.length === 0) return UNDEFINED
  walker.state = before.join(ends.map(({ state }) => state))
  return either(ends.filter(({ state }) => state.isReached).map(({ value, given }) => ({ value, given })))
}

/** Nobody knows what it does. Functions that it was given are followed once, as something that may be called. */
export function opaque(walker: Walker, callee: Value, args: readonly Value[], at: CallAt): Value {
  for (const arg of args) followCallback(walker, arg, [], at.spot)
  if (looksLikeLog(at.spot)) walker.note(at.spot, { fact: 'log', value: { kind: 'list', items: args, isWhole: true } })
  const origins = [...(at.self === undefined ? [] : originsOf(at.self)), ...args.flatMap((arg) => originsOf(arg))]
  if (callee.kind === 'library')
    return { ...callee, origins: [...new Set([...callee.origins, ...origins.map(madeOf)])].slice(0, 12) }
  const name = at.name ?? ''
  const asked = looksLikeGuard({ library: '', name })
    ? [origin({ from: 'answered', name: '', source: { library: '', name, args } })]
    : []
  return from(...asked, ...origins.map(madeOf))
}

/** Follows a function that something else calls, or not: what it finds out holds inside it only. */
export function followCallback(walker: Walker, value: Value, args: readonly Value[], spot: Spot): Value {
  if (value.kind !== 'function') return UNKNOWN
  const before = walker.state
  walker.state = before.fork()
  // Whoever calls it passes something, though nobody here knows what.
  const passed = value.node.params.map((_, index) => args[index] ?? UNKNOWN)
  const result = follow(walker, value, passed, spot)
  const after = walker.state
  walker.state = before.join(after.isReached ? [before.fork(), after] : [before.fork()])
  return result
}

/** Walks through a function of the tree, with these arguments. */
export function follow(walker: Walker, callee: FunctionValue, args: readonly Value[], spot: Spot | null): Value {
  const { node, module } = callee
  if (node.body === null || !walker.mayEnter(node)) {
    walker.isPartial ||= node.body === null || !walker.isWithin(node)
    return from(...args.flatMap((arg) => originsOf(arg)))
  }
  const scope = new Names(callee.scope)
  const here = { scope, module }
  if (callee.self !== undefined) walker.state.set(scope.declare('this'), callee.self)
  if (callee.home !== undefined) scope.declare('super', callee.home)
  const outer = walker.frame
  const frame = {
    node,
    name: callee.name,
    module,
    scope,
    call: spot,
    returns: [] as Returned[],
    outer,
    depth: (outer?.depth ?? 0) + 1,
  }
  walker.frame = frame
  const before = walker.state
  const given = [...(callee.bound ?? []), ...args]
  walker.state = before.fork()
  node.params.forEach((param, index) => {
    if (param.type === 'RestElement')
      bind(walker, param.argument, { kind: 'list', items: given.slice(index), isWhole: true }, here)
    else bind(walker, param, given[index] ?? walker.meanings.parameter(param, here) ?? UNDEFINED, here)
  })
  if (node.body.type === 'BlockStatement') {
    hoist(node.body.body, here)
    for (const statement of node.body.body) {
      if (!walker.state.isReached) break
      walker.execute(statement, here)
    }
    if (walker.state.isReached) frame.returns.push({ value: UNDEFINED, state: walker.state })
  } else {
    const value = walker.evaluate(node.body, here)
    const settled = node.async || walker.isAnswering ? settle(walker, value, node.body, here) : value
    if (walker.state.isReached) {
      frame.returns.push({ value: settled, state: walker.state })
      if (walker.isAnswering) walker.onAnswer?.(settled, { file: module.file, node: node.body })
    }
  }
  walker.frame = outer
  walker.state = before.join(frame.returns.map(({ state }) => state))
  const { known } = walker.state
  const open = frame.returns.filter(({ state }) => state.isReached)
  if (open.length === 0) return UNKNOWN
  return either(
    open.flatMap(({ value, state }) =>
      casesOf(value).map((one) => ({ value: one.value, given: [...beyond(state.known, known), ...one.given] })),
    ),
  )
}

/** `new`: an object of a class of the tree, or a library's. */
export function construct(walker: Walker, made: Value, args: readonly Value[], spot: Spot): Value {
  if (made.kind === 'either')
    return either(made.cases.map((one) => ({ ...one, value: construct(walker, one.value, args, spot) })))
  if (made.kind !== 'class') return callValue(walker, made, args, { spot })
  if (walker.constructing.has(made.node)) return UNKNOWN
  walker.constructing.add(made.node)
  const instance = instanceOf(walker, made, args)
  walker.constructing.delete(made.node)
  return instance
}

function instanceOf(walker: Walker, made: ClassValue, args: readonly Value[]): Value {
  const { node, module } = made
  const scope = new Names(made.scope)
  const here = { scope, module }
  const cell = scope.declare('this')
  walker.state.set(cell, { kind: 'object', properties: new Map(), others: [], of: made })
  const set = (name: string, value: Value) => {
    const self = walker.state.get(cell)
    if (self.kind === 'object')
      walker.state.set(cell, { ...self, properties: new Map([...self.properties, [name, value]]) })
  }
  let constructor: FunctionNode | null = null
  for (const member of node.body.body) {
    if (member.type === 'MethodDefinition' && member.kind === 'constructor') constructor = member.value
    if (member.type !== 'PropertyDefinition' || member.static || member.value === null || member.computed) continue
    set((member.key as { name?: string }).name ?? '', walker.evaluate(member.value, here))
  }
  if (constructor?.body != null && walker.mayEnter(constructor)) {
    constructor.params.forEach((param, index) => {
      // What is injected is found out when it is asked for: services know each other in rings, and most of them are not asked.
      if (args.length === 0 && isNamed(param)) return declareInjected(walker, param, here)
      const value = args[index] ?? walker.meanings.parameter(param, here) ?? UNKNOWN
      bind(walker, param as never, value, here)
      if (param.type !== 'TSParameterProperty') return
      const inner = param.parameter.type === 'AssignmentPattern' ? param.parameter.left : param.parameter
      if (inner.type === 'Identifier') set(inner.name, value)
    })
    for (const statement of constructor.body.body) walker.execute(statement, here)
  }
  const whole = walker.state.get(cell)
  // An arrow function in a field is called on other walks, as a handler of a route is, and means the object that was made.
  cell.initial = whole
  return whole
}
