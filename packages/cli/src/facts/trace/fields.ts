import type { Function as FunctionNode, ParamPattern } from 'oxc-parser'
import type { Here } from './here.js'
import type { ClassValue, Value } from './model.js'
import { UNKNOWN } from './value.js'
import type { Walker } from './walker.js'

/**
 * What an object has under a name that nobody has put there in sight: what its constructor is given by whoever makes it (a container
 * that injects), by the types of its parameters, and what the classes above it hold.
 */
export function fieldOf(walker: Walker, of: ClassValue, name: string, below: readonly ClassValue[]): Value | undefined {
  const index = constructorOf(of)?.params.findIndex((param) => parameterName(param) === name) ?? -1
  if (index !== -1 && constructorOf(of)!.params[index]!.type === 'TSParameterProperty')
    return asItIsNow(walker, injected(walker, of, index, below))
  for (const member of of.node.body.body) {
    if (member.type !== 'PropertyDefinition' || member.static || memberName(member.key) !== name) continue
    // Its own are in the object already.
    if (member.value !== null) return below.length === 0 ? undefined : walker.meanings.apart(member.value, of)
    if (member.decorators.length > 0)
      return asItIsNow(walker, walker.meanings.parameter(member as unknown as ParamPattern, of) ?? UNKNOWN)
  }
  return undefined
}

/** A request that is injected is the one that is being followed, with all that was put on it. */
function asItIsNow({ handed, state }: Walker, value: Value | undefined): Value | undefined {
  return handed !== null && value === handed.initial ? state.get(handed) : value
}

/** A parameter of a constructor; of one that is called by `super(…)`, what the class below hands up. */
function injected(walker: Walker, of: ClassValue, index: number, below: readonly ClassValue[]): Value | undefined {
  const child = below.at(-1)
  const handed = child === undefined ? undefined : superArguments(child)?.[index]
  if (child !== undefined && handed !== undefined) {
    const at = constructorOf(child)!.params.findIndex(
      (param) => handed.type === 'Identifier' && parameterName(param) === handed.name,
    )
    if (at !== -1) return injected(walker, child, at, below.slice(0, -1))
    return handed.type === 'SpreadElement' ? UNKNOWN : walker.meanings.apart(handed, child)
  }
  const param = constructorOf(of)?.params[index]
  return param === undefined ? undefined : (walker.meanings.parameter(param, of) ?? UNKNOWN)
}

export function superArguments(of: ClassValue) {
  for (const statement of constructorOf(of)?.body?.body ?? []) {
    if (statement.type !== 'ExpressionStatement' || statement.expression.type !== 'CallExpression') continue
    if (statement.expression.callee.type === 'Super') return statement.expression.arguments
  }
  return undefined
}

export function constructorOf({ node }: ClassValue): FunctionNode | undefined {
  for (const member of node.body.body)
    if (member.type === 'MethodDefinition' && member.kind === 'constructor' && member.value.body !== null)
      return member.value
  return undefined
}

/** Whether a parameter is one name, with nothing taken out of it. */
export function isNamed(param: ParamPattern): boolean {
  return parameterName(param) !== undefined
}

/** Declares a parameter that is found out when somebody asks for it. */
export function declareInjected(walker: Walker, param: ParamPattern, here: Here): void {
  here.scope.declare(parameterName(param)!, () => walker.meanings.parameter(param, here) ?? UNKNOWN)
}

export function parameterName(param: ParamPattern): string | undefined {
  const pattern = param.type === 'TSParameterProperty' ? param.parameter : param
  return pattern.type === 'Identifier' ? pattern.name : undefined
}

/** The name of a member of a class; a private one begins with `#`. */
export function memberName(key: { type: string }): string | undefined {
  const { name, value } = key as { name?: string; value?: unknown }
  return key.type === 'PrivateIdentifier' ? `#${name}` : (name ?? (value === undefined ? undefined : String(value)))
}
