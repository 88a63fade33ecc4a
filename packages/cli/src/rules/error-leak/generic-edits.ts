import {
  type CatchClause,
  childrenOf,
  type Expression,
  type Node,
  nodesAround,
  type ObjectExpression,
  type ObjectProperty,
} from '../../facts/source/nodes-around.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { Fact } from '../../facts/trace/model.js'
import type { TracedEntry } from '../../facts/trace/traced-entry.js'
import { around, beginCatch, quoted, replace, textOf } from '../edit.js'
import type { Edit } from '../rule.js'

const GENERIC = 'Something went wrong'

/** Answers a sentence in the place of what was caught, and logs that where nothing does. `undefined` where it was not caught here. */
export function genericEdits(answer: Fact, { catches }: TracedEntry): readonly Edit[] | undefined {
  const { file } = answer
  const clause = around(answer, 'CatchClause')
  if (clause?.param?.type !== 'Identifier') return undefined
  const { name } = clause.param
  const told = bodyOf(nodesAround(file, answer.node).at(-1))
  const edits = told === undefined ? undefined : withoutError(file, told, name)
  if (edits === undefined || edits.length === 0) return undefined
  return isLogged(clause, file, catches)
    ? edits
    : [...edits, ...(beginCatch(file, clause, (caught) => `console.error(${caught})`) ?? [])]
}

/** What of an answer is its body: of a call the first argument, of a `return` what it returns. */
function bodyOf(node: Node | undefined): Expression | undefined {
  const body =
    node?.type === 'CallExpression' || node?.type === 'NewExpression'
      ? node.arguments[0]
      : node?.type === 'ReturnStatement'
        ? node.argument
        : undefined
  return body == null || body.type === 'SpreadElement' ? undefined : body
}

function withoutError(file: SourceFile, told: Expression, name: string): readonly Edit[] | undefined {
  if (!mentions(told, name)) return []
  if (told.type === 'ObjectExpression') return withoutErrorIn(file, told, name)
  const written = writtenOut(file, told)
  if (written !== undefined) return withoutError(file, written, name)
  // What is made of it by somebody's function may be more than words: an address, a page.
  if (told.type === 'CallExpression' && !/^(?:String|[\w.]+\.toString)$/.test(textOf(file, told.callee)))
    return undefined
  return [replace(file, told, sentenceFor(file, told))]
}

/** `JSON.stringify({ … })` is still to be JSON. */
function writtenOut(file: SourceFile, told: Expression): Expression | undefined {
  if (told.type !== 'CallExpression' || textOf(file, told.callee) !== 'JSON.stringify') return undefined
  const [first] = told.arguments
  return first?.type === 'SpreadElement' ? undefined : first
}

function withoutErrorIn(file: SourceFile, told: ObjectExpression, name: string): readonly Edit[] | undefined {
  const edits: Edit[] = []
  for (const property of told.properties) {
    if (property.type === 'SpreadElement') {
      if (mentions(property.argument, name)) return undefined
    } else if (property.shorthand && mentions(property.value, name))
      edits.push(replace(file, property, `${textOf(file, property.key)}: ${quoted(file, GENERIC)}`))
    else if (mentions(property.value, name)) {
      if (isDetail(property) && told.properties.length > 1) edits.push(removal(file, told, property))
      else {
        const inner = withoutError(file, property.value, name)
        if (inner === undefined) return undefined
        edits.push(...inner)
      }
    }
  }
  return edits
}

/** Beside what is told anyway, nobody misses it. */
function isDetail({ key }: ObjectProperty): boolean {
  return /^(?:details?|stack|cause|debug|reason|hint)$/.test((key as { name?: string }).name ?? '')
}

function removal(file: SourceFile, told: ObjectExpression, property: ObjectProperty): Edit {
  const at = told.properties.indexOf(property)
  const [before, after] = [told.properties[at - 1], told.properties[at + 1]]
  if (after !== undefined) return { file, start: property.start, end: after.start, text: '' }
  return { file, start: before!.end, end: property.end, text: '' }
}

/** What the code itself says where it has no message, or before it: `error.message ?? 'Saving failed'`, `Saving failed: ${…}`. */
function sentenceFor(file: SourceFile, told: Expression): string {
  const other =
    told.type === 'ConditionalExpression' ? told.alternate : told.type === 'LogicalExpression' ? told.right : undefined
  if (other !== undefined && textIn(other)?.trim()) return textOf(file, other)
  const head =
    told.type === 'TemplateLiteral'
      ? told.quasis[0]?.value.cooked
      : told.type === 'BinaryExpression'
        ? textIn(told.left)
        : undefined
  return quoted(file, alone(head) ?? GENERIC)
}

function textIn(node: Node): string | undefined {
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}

/** Words that can stand without the message that they led to. */
function alone(text: string | null | undefined): string | undefined {
  const head = text?.replace(/[\s:,;(–-]+$/, '')
  return head !== undefined && /[a-z]{3}/i.test(head) ? head : undefined
}

function mentions(node: Node, name: string): boolean {
  return (node.type === 'Identifier' && node.name === name) || childrenOf(node).some((child) => mentions(child, name))
}

function isLogged(clause: CatchClause, file: SourceFile, catches: TracedEntry['catches']): boolean {
  return catches.some(
    (one) =>
      one.file === file &&
      one.node.start === clause.start &&
      one.facts.some(({ fact }) => fact === 'log' || fact === 'throw'),
  )
}
