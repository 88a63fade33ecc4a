import type { Node } from 'oxc-parser'
import type { SourceFile } from '../source/source-file.js'

/** A constant of a module: `const users = …`, exported or not. */
export interface Constant {
  readonly name: string
  readonly init: Node
  /** The declaration as a whole. */
  readonly node: Node
}

/** `serial('id').primaryKey()` as its root (`serial`) and its calls in order; a call of the root itself has no name. */
export interface Chain {
  readonly root: string
  readonly calls: readonly { readonly name: string | null; readonly node: Extract<Node, { type: 'CallExpression' }> }[]
}

export function constantsOf(file: SourceFile): Constant[] {
  return file.program.body.flatMap((statement) => {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type !== 'VariableDeclaration') return []
    return node.declarations.flatMap(({ id, init }) =>
      id.type === 'Identifier' && init !== null ? { name: id.name, init: bare(init), node: statement as Node } : [],
    )
  })
}

const LONGEST_CHAIN = 60

export function chainOf(node: Node): Chain | undefined {
  const calls: Chain['calls'][number][] = []
  let at = bare(node)
  for (let count = 0; count < LONGEST_CHAIN && at.type === 'CallExpression'; count += 1) {
    const callee = bare(at.callee as Node)
    if (callee.type === 'Identifier')
      return { root: callee.name, calls: [{ name: null, node: at }, ...calls.toReversed()] }
    if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return undefined
    calls.push({ name: callee.property.name, node: at })
    at = bare(callee.object as Node)
  }
  return at.type === 'Identifier' ? { root: at.name, calls: calls.toReversed() } : undefined
}

export const argumentsOf = ({ node }: Chain['calls'][number]): (Node | undefined)[] =>
  node.arguments.map((argument) => bare(argument as Node))

/** The text of a string, or of a template without holes; holes read as `_`. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node?.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked ?? value.raw).join('_')
  return undefined
}

/** The properties of an object by their names, and what it spreads. */
export function propertiesOf(node: Node | undefined): {
  properties: { name: string; value: Node; node: Node }[]
  spread: string[]
} {
  const properties: { name: string; value: Node; node: Node }[] = []
  const spread: string[] = []
  if (node?.type !== 'ObjectExpression') return { properties, spread }
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      const argument = bare(property.argument as Node)
      if (argument.type === 'Identifier') spread.push(argument.name)
    } else if (!property.computed) {
      const name = property.key.type === 'Identifier' ? property.key.name : textOf(property.key as Node)
      if (name !== undefined) properties.push({ name, value: bare(property.value as Node), node: property as Node })
    }
  }
  return { properties, spread }
}

export const propertyOf = (node: Node | undefined, name: string): Node | undefined =>
  propertiesOf(node).properties.find((property) => property.name === name)?.value

/** What a function gives back, where that is one expression or its last statement; any other node is itself. */
export function resultOf(node: Node | undefined): Node | undefined {
  if (node?.type !== 'ArrowFunctionExpression' && node?.type !== 'FunctionExpression') return node
  const { body } = node
  if (body === null) return undefined
  if (body.type !== 'BlockStatement') return bare(body as Node)
  const last = body.body.at(-1)
  return last?.type === 'ReturnStatement' && last.argument !== null ? bare(last.argument as Node) : undefined
}

/** Without `as const`, `satisfies` and `!`. */
function bare(node: Node): Node {
  let at = node
  while (at.type === 'TSAsExpression' || at.type === 'TSSatisfiesExpression' || at.type === 'TSNonNullExpression')
    at = at.expression as Node
  return at
}
