import type { Cell, Value } from './model.js'
import type { Here } from './here.js'
import { keyName } from './key-name.js'
import type { AssignmentTarget, BindingPattern, Expression, ParamPattern } from 'oxc-parser'
import { memberOf } from './member.js'
import { madeOf } from './origin.js'
import { casesOf, either, from, originsOf, UNDEFINED, UNKNOWN } from './value.js'
import type { Walker } from './walker.js'

/** Declares the names of a pattern with their parts of a value. */
export function bind(walker: Walker, pattern: BindingPattern | ParamPattern, value: Value, here: Here): void {
  switch (pattern.type) {
    case 'Identifier':
      return walker.state.set(here.scope.declare(pattern.name), value)
    case 'AssignmentPattern':
      return bind(walker, pattern.left, orDefault(walker, value, pattern.right, here), here)
    case 'RestElement':
      return bind(walker, pattern.argument, value, here)
    case 'TSParameterProperty':
      return bind(walker, pattern.parameter, value, here)
    case 'ArrayPattern':
      pattern.elements.forEach((element, index) => {
        if (element === null) return
        if (element.type === 'RestElement') bind(walker, element.argument, restOf(value, index), here)
        else bind(walker, element, partOf(walker, value, String(index), here, pattern), here)
      })
      return
    case 'ObjectPattern': {
      const named: string[] = []
      for (const property of pattern.properties) {
        if (property.type === 'RestElement') {
          bind(walker, property.argument, without(value, named), here)
          continue
        }
        const name = keyName(walker, property.key, property.computed, here)
        if (name !== null) named.push(name)
        bind(walker, property.value, partOf(walker, value, name, here, pattern), here)
      }
    }
  }
}

/** Changes what exists: a variable, or a member of an object that a variable holds. */
export function assign(walker: Walker, target: AssignmentTarget, value: Value, here: Here): void {
  switch (target.type) {
    case 'Identifier': {
      const cell = here.scope.find(target.name)
      if (cell !== undefined) walker.state.set(cell, value)
      return
    }
    case 'MemberExpression':
      return assignMember(walker, target, value, here)
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
    case 'TSTypeAssertion':
      return assign(walker, target.expression as AssignmentTarget, value, here)
    case 'ArrayPattern':
      target.elements.forEach((element, index) => {
        if (element === null || element.type === 'RestElement') return
        const inner = element.type === 'AssignmentPattern' ? element.left : element
        assign(walker, inner, partOf(walker, value, String(index), here, target), here)
      })
      return
    case 'ObjectPattern':
      for (const property of target.properties) {
        if (property.type === 'RestElement') continue
        const name = keyName(walker, property.key, property.computed, here)
        const inner = property.value.type === 'AssignmentPattern' ? property.value.left : property.value
        assign(walker, inner, partOf(walker, value, name, here, target), here)
      }
  }
}

/** What a target holds before it is changed. */
export function targetOf(walker: Walker, target: AssignmentTarget, here: Here): Value {
  if (target.type === 'Identifier' || target.type === 'MemberExpression')
    return walker.evaluate(target as Expression, here)
  return UNKNOWN
}

function assignMember(
  walker: Walker,
  target: Extract<AssignmentTarget, { type: 'MemberExpression' }>,
  value: Value,
  here: Here,
): void {
  const holder = target.object
  const cell =
    holder.type === 'ThisExpression' || holder.type === 'Identifier'
      ? here.scope.find(holder.type === 'Identifier' ? holder.name : 'this')
      : undefined
  const before = cell === undefined ? walker.evaluate(holder, here) : walker.state.get(cell)
  const name = keyName(walker, target.property, target.computed, here)
  const after = changed(before, name, value)
  if (after === undefined) return
  if (walker.handed !== null && isHanded(before, walker.handed)) walker.state.set(walker.handed, after)
  if (cell !== undefined) walker.state.set(cell, after)
  // An object within another: `kept.clients[name] = …`.
  else if (holder.type === 'MemberExpression' && before.kind === 'object') assignMember(walker, holder, after, here)
}

/** Puts something on what a framework hands on, for whoever is handed it next. */
export function assignTo(walker: Walker, target: Value, name: string, value: Value): void {
  const after = changed(target, name, value)
  if (after !== undefined && walker.handed !== null && isHanded(target, walker.handed))
    walker.state.set(walker.handed, after)
}

/** Whether it is what a framework hands on, or that with something put on it: whoever is handed it next finds that there. */
function isHanded(value: Value, { initial }: Cell): boolean {
  return value === initial || (value.kind === 'object' && value.others.includes(initial))
}

function changed(before: Value, name: string | null, value: Value): Value | undefined {
  if (before.kind === 'object') {
    if (name === null) return { ...before, others: [...before.others, from(...originsOf(value))] }
    return { ...before, properties: new Map([...before.properties, [name, value]]) }
  }
  // What a framework hands over can be given more: `req.user = …`.
  if (before.kind === 'library' && name !== null)
    return { kind: 'object', properties: new Map([[name, value]]), others: [before] }
  if (before.kind !== 'list' && before.kind !== 'unknown') return undefined
  const made = originsOf(before).map(madeOf)
  // Beside what it was it has a field now: a row in there is what it refers to, and not what it is.
  if (before.kind === 'unknown' && name !== null && !/^\d+$/.test(name))
    return { kind: 'object', properties: new Map([[name, value]]), others: [from(...made)] }
  return from(...made, ...originsOf(value))
}

function partOf(
  walker: Walker,
  value: Value,
  name: string | null,
  here: Here,
  node: { start: number; end: number },
): Value {
  return memberOf(walker, value, name, { isOptional: false, spot: { file: here.module.file, node } })
}

function orDefault(walker: Walker, value: Value, right: Expression, here: Here): Value {
  const cases = casesOf(value)
  const mayBeMissing = cases.some((one) => one.value.kind === 'literal' && one.value.value === undefined)
  if (!mayBeMissing && value.kind !== 'unknown') return value
  const fallback = walker.evaluate(right, here)
  const others = cases.filter((one) => !(one.value.kind === 'literal' && one.value.value === undefined))
  if (others.length === 0) return fallback
  return value.kind === 'unknown' && value.origins.length > 0
    ? value
    : either([...others, { value: fallback, given: [] }])
}

function without(value: Value, names: readonly string[]): Value {
  if (value.kind !== 'object')
    return value.kind === 'either'
      ? either(value.cases.map((one) => ({ ...one, value: without(one.value, names) })))
      : value.kind === 'unknown' && names.length > 0
        ? from(...value.origins.map(madeOf))
        : value
  const properties = new Map([...value.properties].filter(([name]) => !names.includes(name)))
  return { ...value, properties }
}

function restOf(value: Value, index: number): Value {
  if (value.kind === 'list') return { ...value, items: value.items.slice(index) }
  return value.kind === 'literal' ? UNDEFINED : from(...originsOf(value))
}
