import type { Directive, Statement } from 'oxc-parser'
import type { Here } from './here.js'

/** Functions and classes are there before the first statement runs. */
export function hoist(statements: readonly (Statement | Directive)[], here: Here): void {
  const { scope, module } = here
  for (const node of statements) {
    if (node.type === 'FunctionDeclaration' && node.id !== null)
      scope.declare(node.id.name, { kind: 'function', node, scope, module, name: node.id.name })
    if (node.type === 'ClassDeclaration' && node.id !== null)
      scope.declare(node.id.name, { kind: 'class', node, ...here })
  }
}
