import {
  type CallExpression,
  childrenOf,
  type Expression,
  type Node,
  type ObjectExpression,
} from '../../facts/source/nodes-around.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import { replace, textOf } from '../edit.js'
import type { Edit } from '../rule.js'

/**
 * Takes the defaults of these fields from the schema that a patch is parsed with: at its definition, where it is used for nothing
 * else, or on the way to `partial()`, where others have a use for them. `undefined` where it stands in another file.
 */
export function undefaultEdits(
  file: SourceFile,
  parse: { readonly start: number; readonly end: number },
  fields: readonly string[],
): readonly Edit[] | undefined {
  const name = /^([A-Za-z_$][\w$]*)\s*\.\s*(?:partial\s*\(|(?:safeP|p)arse)/.exec(textOf(file, parse))?.[1]
  const used = name === undefined ? undefined : definitionOf(file, name)
  if (used === undefined) return undefined
  // `const Patch = Post.partial()` leads to `Post`, which is used for more than that.
  const [base, partial] = partialOf(file, used) ?? [used, partialCall(file, parse)]
  const shape = shapeOf(base.init)
  if (shape === undefined) return undefined
  const filled = fields.flatMap((key) => fieldOf(file, shape, key) ?? [])
  if (filled.length !== fields.length) return undefined
  if (isUsedOnce(file, base.name))
    return filled.map((field) => replace(file, field.cut, partial === undefined ? '.optional()' : ''))
  if (partial === undefined) return undefined
  const bare = filled.map(({ key, text }) => `${key}: ${text}`).join(', ')
  const { object } = partial.callee as Extract<Expression, { type: 'MemberExpression' }>
  return [replace(file, { start: object.end, end: object.end }, `.extend({ ${bare} })`)]
}

interface Definition {
  readonly name: string
  readonly init: Expression
}

/** A constant of the module's own. What is exported may be used anywhere. */
function definitionOf(file: SourceFile, name: string): Definition | undefined {
  for (const statement of file.program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declared?.type !== 'VariableDeclaration') continue
    for (const { id, init } of declared.declarations)
      if (id.type === 'Identifier' && id.name === name && init !== null) return { name, init }
  }
  return undefined
}

function partialOf(file: SourceFile, { init }: Definition): [Definition, CallExpression] | undefined {
  const call = findPartial(init)
  const { object } = (call?.callee ?? {}) as { object?: Expression }
  const base = object?.type === 'Identifier' ? definitionOf(file, object.name) : undefined
  return call === undefined || base === undefined ? undefined : [base, call]
}

function partialCall(
  file: SourceFile,
  parse: { readonly start: number; readonly end: number },
): CallExpression | undefined {
  return findPartial(file.program, parse)
}

function findPartial(
  node: Node,
  { start, end }: { readonly start: number; readonly end: number } = node,
): CallExpression | undefined {
  if (node.end < start || end < node.start) return undefined
  const isIt =
    node.type === 'CallExpression' &&
    start <= node.start &&
    node.end <= end &&
    node.callee.type === 'MemberExpression' &&
    (node.callee.property as { name?: string }).name === 'partial' &&
    node.arguments.length === 0
  if (isIt) return node
  for (const child of childrenOf(node)) {
    const found = findPartial(child, { start, end })
    if (found !== undefined) return found
  }
  return undefined
}

/** The object of `z.object({ … })`, whatever is called on it. */
function shapeOf(init: Expression): ObjectExpression | undefined {
  if (init.type !== 'CallExpression' || init.callee.type !== 'MemberExpression') return undefined
  const { name } = init.callee.property as { name?: string }
  const [first] = init.arguments
  if (name === 'object' || name === 'strictObject') return first?.type === 'ObjectExpression' ? first : undefined
  return shapeOf(init.callee.object)
}

interface Field {
  readonly key: string
  /** Its schema without the default. */
  readonly text: string
  /** Where `.default(…)` stands. */
  readonly cut: { readonly start: number; readonly end: number }
}

function fieldOf(file: SourceFile, shape: ObjectExpression, key: string): Field | undefined {
  for (const property of shape.properties) {
    if (property.type !== 'Property' || (property.key as { name?: string }).name !== key) continue
    const { value } = property
    if (value.type !== 'CallExpression' || value.callee.type !== 'MemberExpression') return undefined
    if ((value.callee.property as { name?: string }).name !== 'default') return undefined
    const before = value.callee.object
    return { key, text: file.text.slice(value.start, before.end), cut: { start: before.end, end: value.end } }
  }
  return undefined
}

/** Its definition, and one place that reads it. */
function isUsedOnce(file: SourceFile, name: string): boolean {
  const isExported = new RegExp(`export\\s+(?:const|let)\\s+${name}\\b|export\\s*\\{[^}]*\\b${name}\\b`).test(file.text)
  return !isExported && file.text.split(new RegExp(`\\b${name}\\b`)).length === 3
}
