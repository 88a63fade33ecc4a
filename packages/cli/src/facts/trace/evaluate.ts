import type { Case, Condition, Value } from './model.js'
import type { Argument, Expression, ObjectExpression, PrivateIdentifier, Super } from 'oxc-parser'
import { assign, targetOf } from './assign.js'
import { callValue, construct } from './call.js'
import { evaluateJsx } from './evaluate-jsx.js'
import type { Here } from './here.js'
import { lengthen } from './lengthen.js'
import { keyName } from './key-name.js'
import { inheritedMember, memberOf } from './member.js'
import { isMadeBy, narrow } from './narrow.js'
import { settle } from './settle.js'
import { testOf } from './origin.js'
import {
  both,
  conditionsOf,
  decided,
  equality,
  isBelow,
  not,
  nullConditionsOf,
  oneOf,
  privilegesOf,
  rankOf,
} from './truth.js'
import {
  casesOf,
  either,
  from,
  isNullish,
  literal,
  nullishPart,
  NULL,
  originsOf,
  textOf,
  truthOf,
  UNDEFINED,
  UNKNOWN,
} from './value.js'
import { type Walker } from './walker.js'

/** What an expression comes to. What it calls on the way is followed. */
export function evaluate(walker: Walker, node: Expression | Super | PrivateIdentifier, here: Here): Value {
  walker.steps += 1
  if (walker.isSpent || !walker.state.isReached) return UNKNOWN
  switch (node.type) {
    case 'Literal':
      return 'regex' in node ? UNKNOWN : literal(node.value as string | number | boolean | bigint | null)
    case 'TemplateLiteral': {
      const parts: Value[] = []
      node.quasis.forEach((quasi, index) => {
        parts.push(literal(quasi.value.cooked ?? quasi.value.raw))
        const inner = node.expressions[index]
        if (inner !== undefined) parts.push(evaluate(walker, inner, here))
      })
      return textOf(parts)
    }
    case 'Identifier':
      return nameOf(walker, node.name, here)
    case 'ThisExpression':
      return nameOf(walker, 'this', here)
    case 'AwaitExpression':
      return settle(walker, evaluate(walker, node.argument, here), node, here)
    case 'ChainExpression':
      return evaluate(walker, node.expression, here)
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'TSInstantiationExpression':
      return evaluate(walker, node.expression, here)
    case 'SequenceExpression':
      return node.expressions.reduce<Value>((_, inner) => evaluate(walker, inner, here), UNDEFINED)
    case 'ArrowFunctionExpression':
    case 'FunctionExpression': {
      const name = node.type === 'FunctionExpression' ? (node.id?.name ?? null) : null
      return { kind: 'function', node, scope: here.scope, module: here.module, name }
    }
    case 'ClassExpression':
      return { kind: 'class', node, ...here }
    case 'ObjectExpression':
      return objectOf(walker, node, here)
    case 'ArrayExpression': {
      const items: Value[] = []
      let isWhole = true
      for (const element of node.elements) {
        if (element === null) items.push(UNDEFINED)
        else if (element.type === 'SpreadElement') {
          const spread = evaluate(walker, element.argument, here)
          const fits = spread.kind === 'list' && items.length + spread.items.length <= MOST_ITEMS
          if (fits) for (const item of spread.items) items.push(item)
          else items.push(from(...originsOf(spread)))
          isWhole &&= fits && spread.isWhole
        } else items.push(evaluate(walker, element, here))
      }
      return { kind: 'list', items, isWhole }
    }
    case 'MemberExpression': {
      const object = evaluate(walker, node.object, here)
      const key = keyOf(walker, node, here)
      const at = { isOptional: mayStop(node), spot: { file: here.module.file, node } }
      return rankOf(object, key) ?? memberOf(walker, object, nameIn(key), at)
    }
    case 'CallExpression':
      return call(walker, node, here)
    case 'NewExpression': {
      const made = evaluate(walker, node.callee, here)
      return construct(walker, made, argumentsOf(walker, node.arguments, here), { file: here.module.file, node })
    }
    case 'TaggedTemplateExpression': {
      const tag = evaluate(walker, node.tag, here)
      const texts = node.quasi.quasis.map((quasi) => literal(quasi.value.cooked ?? quasi.value.raw))
      const values = node.quasi.expressions.map((inner) => evaluate(walker, inner, here))
      const strings: Value = { kind: 'list', items: texts, isWhole: true }
      return callValue(walker, tag, [strings, ...values], { spot: { file: here.module.file, node }, isTag: true })
    }
    case 'UnaryExpression': {
      const value = evaluate(walker, node.argument, here)
      if (node.operator === 'delete' && node.argument.type === 'MemberExpression')
        assign(walker, node.argument, UNDEFINED, here)
      if (node.operator === '!') return not(value)
      if (node.operator === 'void') return UNDEFINED
      if (node.operator === 'typeof') return { kind: 'type-of', of: value }
      return value.kind === 'literal' && node.operator === '-' && typeof value.value === 'number'
        ? literal(-value.value)
        : from(...originsOf(value))
    }
    case 'BinaryExpression':
      if (node.operator === 'instanceof')
        return kindTest(evaluate(walker, node.left as Expression, here), node.right, evaluate(walker, node.right, here))
      return binary(node.operator, evaluate(walker, node.left, here), evaluate(walker, node.right, here))
    case 'LogicalExpression':
      return logical(walker, node, here)
    case 'ConditionalExpression': {
      const test = evaluate(walker, node.test, here)
      const known = truthOf(test)
      if (known !== undefined) return evaluate(walker, known ? node.consequent : node.alternate, here)
      const { holds, fails } = conditionsOf(test)
      const before = walker.state
      const yes = (walker.state = before.fork(holds))
      narrow(walker, node.test, true, here)
      const first = evaluate(walker, node.consequent, here)
      const no = (walker.state = before.fork(fails))
      narrow(walker, node.test, false, here)
      const second = evaluate(walker, node.alternate, here)
      walker.state = before.join([yes, no])
      return either([
        { value: first, given: holds },
        { value: second, given: fails },
      ])
    }
    case 'AssignmentExpression': {
      const value = evaluate(walker, node.right, here)
      if (node.operator === '=') assign(walker, node.left, value, here)
      else {
        const before = targetOf(walker, node.left, here)
        const isLogical = node.operator === '??=' || node.operator === '||=' || node.operator === '&&='
        const isMissing = isNullish(before) && node.operator !== '&&='
        const after = isMissing ? value : isLogical ? either([plain(before), plain(value)]) : joined(before, value)
        assign(walker, node.left, after, here)
      }
      return value
    }
    case 'ImportExpression': {
      const source = evaluate(walker, node.source, here)
      return source.kind === 'literal' ? walker.meanings.module(String(source.value), here.module) : UNKNOWN
    }
    case 'JSXElement':
    case 'JSXFragment':
      return evaluateJsx(walker, node, here)
    case 'YieldExpression':
      return node.argument === null ? UNKNOWN : evaluate(walker, node.argument, here)
    case 'UpdateExpression':
      return UNKNOWN
    default:
      return UNKNOWN
  }
}

function nameOf(walker: Walker, name: string, { scope }: Here): Value {
  if (name === 'undefined') return UNDEFINED
  const cell = scope.find(name)
  return cell === undefined ? (walker.meanings.global(name) ?? UNKNOWN) : walker.state.get(cell)
}

export function argumentsOf(walker: Walker, nodes: readonly Argument[], here: Here): Value[] {
  return nodes.flatMap((node) => {
    if (node.type !== 'SpreadElement') return [evaluate(walker, node, here)]
    const spread = evaluate(walker, node.argument, here)
    return spread.kind === 'list' ? spread.items : [from(...originsOf(spread))]
  })
}

type Called = Extract<Expression, { type: 'CallExpression' }>

function call(walker: Walker, node: Called, here: Here): Value {
  const spot = { file: here.module.file, node }
  if (node.callee.type === 'MemberExpression') {
    const isInherited = node.callee.object.type === 'Super'
    const self = isInherited ? nameOf(walker, 'this', here) : evaluate(walker, node.callee.object, here)
    const name = nameIn(keyOf(walker, node.callee, here))
    // Where there is nothing to call, arguments are not looked at either.
    if (mayStop(node) && isNullish(self)) return UNDEFINED
    const at = { isOptional: mayStop(node.callee), spot }
    const callee = isInherited
      ? inheritedMember(walker, self, name, here)
      : memberOf(walker, self, name, { ...at, isCalled: true })
    const args = argumentsOf(walker, node.arguments, here)
    if (name === 'push' || name === 'unshift') lengthen(walker, node.callee.object, self, args, here)
    return callValue(walker, callee, args, { spot, self, name })
  }
  if (node.callee.type === 'Super') return UNKNOWN
  if (isRequire(node, here)) return required(walker, node, here)
  const callee = evaluate(walker, node.callee, here)
  return callValue(walker, callee, argumentsOf(walker, node.arguments, here), { spot })
}

/** `require('./db')`, in a module of CommonJS. */
function isRequire({ callee }: Called, { scope }: Here): boolean {
  return callee.type === 'Identifier' && callee.name === 'require' && scope.find('require') === undefined
}

function required(walker: Walker, node: Called, here: Here): Value {
  const [specifier] = argumentsOf(walker, node.arguments, here)
  return specifier?.kind === 'literal' ? walker.meanings.module(String(specifier.value), here.module) : UNKNOWN
}

/** `a?.b.c`: where `a` is nothing, all of it is, and nothing throws. */
function mayStop(node: Expression | Super): boolean {
  if (node.type === 'MemberExpression') return node.optional || mayStop(node.object)
  return node.type === 'CallExpression' && (node.optional || mayStop(node.callee))
}

type Member = Extract<Expression, { type: 'MemberExpression' }>

/** What names the member, as far as it is known. */
function keyOf(walker: Walker, node: Member, here: Here): Value {
  if (node.computed) return evaluate(walker, node.property as Expression, here)
  return literal(
    node.property.type === 'PrivateIdentifier' ? `#${node.property.name}` : (node.property as { name: string }).name,
  )
}

/** `null` where it is not known which. */
function nameIn(key: Value): string | null {
  return key.kind === 'literal' ? String(key.value) : null
}

function objectOf(walker: Walker, node: ObjectExpression, here: Here): Value {
  const properties = new Map<string, Value>()
  const others: Value[] = []
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const spread = evaluate(walker, property.argument, here)
      if (spread.kind === 'object') {
        for (const [name, value] of spread.properties) properties.set(name, value)
        others.push(...spread.others)
      } else if (!isNullish(spread)) others.push(spread)
      continue
    }
    const value = evaluate(walker, property.value as Expression, here)
    const name = keyName(walker, property.key, property.computed, here)
    if (name === null) others.push(value)
    else properties.set(name, value)
  }
  return { kind: 'object', properties, others }
}

function binary(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case '===':
    case '==':
      return equality(left, right)
    case '!==':
    case '!=':
      return not(equality(left, right))
    case '+':
      return joined(left, right)
    case '>':
    case '>=':
      return compared(operator, left, right) ?? counted(left, right)
    case '<':
    case '<=':
      return compared(operator, left, right) ?? counted(right, left)
    default:
      return from(...originsOf(left), ...originsOf(right))
  }
}

/** `errors.length > 0`, where it is known how many there are in which case. */
function compared(operator: string, left: Value, right: Value): Value | undefined {
  if (right.kind !== 'literal' || typeof right.value !== 'number') return undefined
  const { value: limit } = right
  return decided(left, (one) => {
    if (one.kind !== 'literal' || typeof one.value !== 'number') return undefined
    if (operator.endsWith('=') && one.value === limit) return true
    return operator.startsWith('>') ? one.value > limit : one.value < limit
  })
}

/** `count > 0`: something was found. `rank(user.role) >= 3`: whoever goes on has a rank. */
function counted(more: Value, less: Value): Value {
  const origins = [...originsOf(more), ...originsOf(less)].map(testOf)
  const holds = [...foundBy(more, less), ...privilegesOf(more), ...isBelow(less)]
  return { kind: 'truth', holds, fails: [...foundBy(less, more), ...privilegesOf(less), ...isBelow(more)], origins }
}

function foundBy(rows: Value, number: Value): Condition[] {
  if (number.kind !== 'literal') return []
  return originsOf(rows).flatMap((one) => (one.from === 'row' ? [{ is: 'found', query: one.source }] : []))
}

/** `error instanceof ZodError`: from then on it is of a kind that somebody has thought of. */
function kindTest(value: Value, kind: Expression, made: Value): Value {
  const told = decided(value, (one) => isMadeBy(value, one, made))
  if (told !== undefined) return told
  const name =
    kind.type === 'Identifier'
      ? kind.name
      : kind.type === 'MemberExpression'
        ? (kind.property as { name?: string }).name
        : undefined
  const errors = originsOf(value).filter((one) => one.from === 'error')
  const holds = errors.map(({ source }) => ({ is: 'error-kind' as const, source, kind: name ?? '*' }))
  return { kind: 'truth', holds, fails: [], origins: originsOf(value) }
}

/** What doubles itself in every line would have no end. Past this only the origins are known. */
const MOST_ITEMS = 2_000

/** Texts are put together: parts that are not written out stay apart, so that what is in a query's text can be told. */
function joined(left: Value, right: Value): Value {
  const parts = [left, right].flatMap((side) => (side.kind === 'text' ? side.parts : [side]))
  const isText = parts.some((part) => part.kind === 'literal' && typeof part.value === 'string')
  if (parts.length > MOST_ITEMS) return { kind: 'text', parts: [from(...originsOf(left), ...originsOf(right))] }
  return isText ? textOf(parts) : from(...originsOf(left), ...originsOf(right))
}

const plain = (value: Value) => ({ value, given: [] })

type Logical = Extract<Expression, { type: 'LogicalExpression' }>

function logical(walker: Walker, node: Logical, here: Here): Value {
  const left = evaluate(walker, node.left, here)
  const known = node.operator === '??' ? nullishPart(left) : truthOf(left)
  if (node.operator === '??' ? known === false : known === (node.operator === '||')) return left
  const isSettled = node.operator === '??' ? known === true : known !== undefined
  const { holds, fails } = node.operator === '??' ? presenceOf(left) : conditionsOf(left)
  const before = walker.state
  const taken = before.fork(node.operator === '&&' ? holds : fails)
  walker.state = taken
  if (node.operator !== '??') narrow(walker, node.left, node.operator === '&&', here)
  const right = evaluate(walker, node.right, here)
  if (isSettled) return right
  if (!walker.state.isReached) {
    // `session ?? redirect('/login')`: where it goes on, it was the left.
    const isThere = node.operator !== '&&'
    walker.state = before.fork()
    if (node.operator !== '??') narrow(walker, node.left, isThere, here)
    walker.learn({ file: here.module.file, node }, isThere ? holds : fails)
    return isThere && left.kind !== 'truth' ? either(partOf(left, true, holds)) : left
  }
  walker.state = before.join([before.fork(), taken])
  // A comparison says what is known; of anything else it matters which of the two it is.
  const isTest = left.kind === 'truth' || right.kind === 'truth'
  if (node.operator === '&&') {
    // `isAdmin && { email }` is wanted for what it holds, and not for whether it does.
    if (isTest && right.kind !== 'object') return both(left, right)
    return either([...partOf(left, false, fails), { value: right, given: holds }])
  }
  if (node.operator === '||' && isTest) return oneOf(left, right)
  return either([...partOf(left, true, holds), { value: right, given: fails }])
}

/** What is known where a value is something, and where it is nothing. */
function presenceOf(value: Value): { holds: readonly Condition[]; fails: readonly Condition[] } {
  const { isNull, isThere } = nullConditionsOf(value)
  return { holds: isThere, fails: isNull }
}

/** What a value still may be where it is truthy, or is not. */
function partOf(value: Value, isTruthy: boolean, given: readonly Condition[]): Case[] {
  return casesOf(value)
    .filter((one) => truthOf(one.value) !== !isTruthy)
    .map((one) => ({
      value: isTruthy || one.value.kind === 'literal' ? one.value : NULL,
      given: [...one.given, ...given],
    }))
}
