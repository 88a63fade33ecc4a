import type { CallExpression, CatchClause, Expression, Node, ObjectExpression, ObjectProperty } from 'oxc-parser'
import type { SourceFile } from './source-file.js'

/** What code is made of: rules know it from here, and the parser stays with the facts. */
export type { CallExpression, CatchClause, Expression, Node, ObjectExpression, ObjectProperty }

/** The nodes around a stretch of a file, outermost first: the last is the smallest that holds it. */
export function nodesAround(
  file: SourceFile,
  { start, end }: { readonly start: number; readonly end: number },
): Node[] {
  const around: Node[] = []
  let next: Node | undefined = file.program
  while (next !== undefined) {
    around.push(next)
    next = childrenOf(next).find((child) => child.start <= start && end <= child.end)
  }
  return around
}

export function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
