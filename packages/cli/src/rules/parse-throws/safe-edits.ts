import type { EntryPoint } from '../../facts/entry/entry-point.js'
import { type Node, nodesAround } from '../../facts/source/nodes-around.js'
import type { Fact } from '../../facts/trace/model.js'
import { freshName, indentOf, quoted, replace, textOf } from '../edit.js'
import type { Edit } from '../rule.js'

/**
 * `const post = Schema.parse(body)` in a route handler becomes `safeParse`, with an answer 400 where it fails. `undefined` where it
 * stands in a helper, which can't answer, or inside a larger expression.
 */
export function safeEdits(
  { file, node, via }: Fact,
  { framework, kind, spot }: EntryPoint,
): readonly Edit[] | undefined {
  if (framework !== 'next' || kind !== 'endpoint' || spot.file !== file || via.length > 1) return undefined
  const around = nodesAround(file, node)
  const at = around.findLastIndex(({ type }) => type === 'VariableDeclaration')
  const [block, declaration, declarator, ...inner] = around.slice(Math.max(at - 1, 0))
  const call = inner.at(-1)
  if (declaration?.type !== 'VariableDeclaration' || declarator?.type !== 'VariableDeclarator') return undefined
  if (declaration.declarations.length !== 1 || block?.type !== 'BlockStatement' || call === undefined) return undefined
  if (!isOwn(around, block, spot.node) || inner.some((one) => one !== call && one.type !== 'AwaitExpression'))
    return undefined
  if (call.type !== 'CallExpression' || call.callee.type !== 'MemberExpression' || declarator.init === null)
    return undefined
  const name = freshName(file, ['parsed', 'checked', 'parsedInput', 'checkedInput'])
  if (name === undefined) return undefined
  const schema = textOf(file, call.callee.object)
  const args = file.text.slice(call.callee.end, call.end)
  const isAsync = textOf(file, call.callee.property) === 'parseAsync'
  const pattern = file.text.slice(declarator.start, declarator.init.start).trimEnd().replace(/=$/, '').trimEnd()
  const end = file.text[declaration.end - 1] === ';' ? ';' : ''
  const line = `${end}\n${indentOf(file, declaration.start)}`
  // A handler that says it answers one of Next's may not answer another.
  const imports = [...file.text.matchAll(/\bimport\s*\{([^{}]*)\}\s*from\s*['"]next\/server['"]/g)]
  const answers = imports.some(([, names]) => /\bNextResponse\b/.test(names!)) ? 'NextResponse' : 'Response'
  const text = [
    `const ${name} = ${isAsync ? 'await ' : ''}${schema}.${isAsync ? 'safeParseAsync' : 'safeParse'}${args}`,
    `if (!${name}.success) return ${answers}.json({ error: ${quoted(file, 'Invalid input')} }, { status: 400 })`,
    `${declaration.kind} ${pattern} = ${name}.data${end}`,
  ].join(line)
  return [replace(file, declaration, text)]
}

/** The block is that of the handler itself, or of a `try` or an `if` in it: from a callback nobody answers. */
function isOwn(
  around: readonly Node[],
  block: Node,
  handler: { readonly start: number; readonly end: number },
): boolean {
  const inside = around
    .slice(0, around.indexOf(block))
    .filter(({ start, end }) => handler.start <= start && end <= handler.end)
  return inside.filter(({ type }) => /Function/.test(type)).length === 1
}
