import type { Value } from './model.js'
import type { Here } from './here.js'
import type { Expression } from 'oxc-parser'
import { memberOf } from './member.js'
import { casesOf, either, nullishPart, truthOf } from './value.js'
import type { Walker } from './walker.js'

/** Takes from what a variable may be what a test has shown that it is not, on the path where the test holds or does not. */
export function narrow(walker: Walker, test: Expression, holds: boolean, here: Here): void {
  switch (test.type) {
    case 'UnaryExpression':
      if (test.operator === '!') narrow(walker, test.argument, !holds, here)
      return
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'AwaitExpression':
      return narrow(walker, test.type === 'AwaitExpression' ? test.argument : test.expression, holds, here)
    case 'LogicalExpression':
      // Of `a || b` that fails both fail; of one that holds it is not known which.
      if ((test.operator === '&&') === holds) {
        narrow(walker, test.left, holds, here)
        narrow(walker, test.right, holds, here)
      }
      return
    case 'Identifier':
      return keep(walker, test.name, here, (value) => truthOf(value) !== !holds)
    case 'MemberExpression': {
      const name = test.computed ? undefined : (test.property as { name?: string }).name
      if (test.object.type !== 'Identifier' || name === undefined) return
      keepMember(walker, test.object.name, name, here, (value) => truthOf(value) !== !holds)
      return keep(walker, test.object.name, here, (value) => truthOf(silently(walker, value, name)) !== !holds)
    }
    case 'BinaryExpression':
      return test.operator === 'instanceof'
        ? narrowByKind(walker, test, holds, here)
        : narrowByEquality(walker, test, holds, here)
    default:
      return
  }
}

type Binary = Extract<Expression, { type: 'BinaryExpression' }>

/** `x === null`, `x.success === false` and the like. */
function narrowByEquality(walker: Walker, { operator, left, right }: Binary, holds: boolean, here: Here): void {
  const isEqual = operator === '===' || operator === '=='
  if (!isEqual && operator !== '!==' && operator !== '!=') return
  const [subject, other] = right.type === 'Literal' || isUndefined(right) ? [left, right] : [right, left]
  if (other.type !== 'Literal' && !isUndefined(other)) return
  const wanted = other.type === 'Literal' ? (other as { value: unknown }).value : undefined
  const fits = (value: Value): boolean => {
    const isNullishTest = wanted === null || wanted === undefined
    const known = isNullishTest ? nullishPart(value) : value.kind === 'literal' ? value.value === wanted : undefined
    return known === undefined || known === (isEqual === holds)
  }
  const bare = subject.type === 'ChainExpression' ? subject.expression : subject
  if (bare.type === 'Identifier') return keep(walker, bare.name, here, fits)
  if (bare.type !== 'MemberExpression' || bare.computed || bare.object.type !== 'Identifier') return
  const { name } = bare.property as { name: string }
  keepMember(walker, bare.object.name, name, here, fits)
  keep(walker, bare.object.name, here, (value) => fits(silently(walker, value, name)))
}

/** `out instanceof type.errors`. */
function narrowByKind(walker: Walker, { left, right }: Binary, holds: boolean, here: Here): void {
  if (left.type !== 'Identifier') return
  const value = here.scope.find(left.name)
  if (value === undefined) return
  const [all, made] = [walker.state.get(value), walker.evaluate(right, here)]
  keep(walker, left.name, here, (one) => isMadeBy(all, one, made) !== !holds)
}

/**
 * Whether one of several is what a library makes by that class: where one of them is something that it has made, the others are not.
 * Of anything else nothing is known.
 */
export function isMadeBy(all: Value, one: Value, made: Value): boolean | undefined {
  if (made.kind !== 'library') return undefined
  const isIt = (value: Value) =>
    value.kind === 'library' && value.package === made.package && value.path.at(-1)?.args !== undefined
  return casesOf(all).some(({ value }) => isIt(value)) ? isIt(one) : undefined
}

const isUndefined = (node: { type: string }) =>
  node.type === 'Identifier' && (node as { name?: string }).name === 'undefined'

function keep(walker: Walker, name: string, { scope }: Here, isMeant: (value: Value) => boolean): void {
  const cell = scope.find(name)
  if (cell === undefined) return
  const value = walker.state.get(cell)
  if (value.kind !== 'either') return
  const cases = casesOf(value).filter((one) => isMeant(one.value))
  if (cases.length === value.cases.length || cases.length === 0) return
  walker.state.set(cell, either(cases))
}

/** Of an object that is known the member itself is one of fewer: `if (!auth.userId) return`. */
function keepMember(
  walker: Walker,
  name: string,
  member: string,
  { scope }: Here,
  isMeant: (value: Value) => boolean,
): void {
  const cell = scope.find(name)
  const value = cell === undefined ? undefined : walker.state.get(cell)
  const before = value?.kind === 'object' ? value.properties.get(member) : undefined
  if (cell === undefined || value?.kind !== 'object' || before?.kind !== 'either') return
  const cases = before.cases.filter((one) => isMeant(one.value))
  if (cases.length === before.cases.length || cases.length === 0) return
  walker.state.set(cell, { ...value, properties: new Map([...value.properties, [member, either(cases)]]) })
}

/** Looks at a member without noting that it was looked at. */
function silently(walker: Walker, value: Value, name: string): Value {
  return memberOf(walker, value, name, { isOptional: true, spot: null })
}
