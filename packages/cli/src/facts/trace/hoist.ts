import type { Directive, Statement } from 'oxc-parser'
import type { Here } from './here.js'
import type { Value } from './model.js'
import { literal, UNKNOWN } from './value.js'

/** Functions and classes are there before the first statement runs; so are enums, as far as anybody asks. */
export function hoist(statements: readonly (Statement | Directive)[], here: Here): void {
  const { scope, module } = here
  for (const node of statements) {
    if (node.type === 'FunctionDeclaration' && node.id !== null)
      scope.declare(node.id.name, { kind: 'function', node, scope, module, name: node.id.name })
    if (node.type === 'ClassDeclaration' && node.id !== null)
      scope.declare(node.id.name, { kind: 'class', node, ...here })
    if (node.type === 'TSEnumDeclaration') scope.declare(node.id.name, () => enumOf(node))
  }
}

type Enum = Extract<Statement, { type: 'TSEnumDeclaration' }>

function enumOf({ body }: Enum): Value {
  const properties = new Map<string, Value>()
  let next: number | undefined = 0
  for (const { id, initializer } of body.members) {
    const name = id.type === 'Identifier' ? id.name : 'value' in id ? String(id.value) : undefined
    const written = initializer?.type === 'Literal' ? (initializer.value as string | number) : undefined
    const value: Value = initializer === null ? literal(next) : written === undefined ? UNKNOWN : literal(written)
    const number: unknown = value.kind === 'literal' ? value.value : undefined
    next = typeof number === 'number' ? number + 1 : undefined
    if (name !== undefined) properties.set(name, value)
    // Enums of numbers lead back to their names.
    if (name !== undefined && typeof number === 'number') properties.set(String(number), literal(name))
  }
  return { kind: 'object', properties, others: [] }
}
