import { type CallExpression, type Expression, nodesAround } from '../../facts/source/nodes-around.js'
import type { SourceFile } from '../../facts/source/source-file.js'
import type { QueryFact } from '../../facts/ask/guarded.js'
import { indentOf, insert, textOf } from '../edit.js'
import type { Edit } from '../rule.js'

/** What a page holds at most where nobody has said. */
const MOST = 100

/** Steps of a query behind which a limit may stand. */
const STEPS: Readonly<Record<string, RegExp>> = {
  drizzle: /^(?:from|where|orderBy|groupBy|having|innerJoin|leftJoin|rightJoin|fullJoin)$/,
  supabase:
    /^(?:select|eq|neq|gt|gte|lt|lte|like|ilike|is|in|contains|containedBy|overlaps|match|not|or|filter|order|textSearch)$/,
  mongoose: /^(?:find|sort|populate|select|lean|where|skip)$/,
}

/** Puts an upper bound on a list, in the words of its library. `undefined` where the query is put together elsewhere. */
export function limitEdits(query: QueryFact): readonly Edit[] | undefined {
  const { file } = query
  const node = nodesAround(file, query.node).at(-1)
  const waited = node?.type === 'AwaitExpression' ? node.argument : node
  const call = waited === undefined ? undefined : bare(waited as Expression)
  if (call?.type !== 'CallExpression' || call.callee.type !== 'MemberExpression' || call.callee.computed)
    return undefined
  const { name } = call.callee.property as { name: string }
  if (name === 'findMany') return inOptions(file, call, query.library === 'prisma' ? 'take' : 'limit')
  if (STEPS[query.library.replace('-service', '')]?.test(name) !== true) return undefined
  // As the step before stands: on a line of its own, or not.
  const dot = file.text.slice(call.callee.object.end, call.callee.property.start)
  return [insert(file, call.end, `${dot.includes('\n') ? dot : '.'}limit(${MOST})`)]
}

function bare(node: Expression): Expression {
  return node.type === 'ParenthesizedExpression' ? bare(node.expression) : node
}

function inOptions(file: SourceFile, call: CallExpression, key: 'take' | 'limit'): readonly Edit[] | undefined {
  const [options] = call.arguments
  const said = `${key}: ${MOST}`
  if (options === undefined) return [insert(file, call.end - 1, `{ ${said} }`)]
  if (options.type !== 'ObjectExpression') return undefined
  const [first] = options.properties
  if (first === undefined) return [insert(file, options.start + 1, ` ${said} `)]
  const isOwnLine = textOf(file, { start: options.start, end: first.start }).includes('\n')
  return [insert(file, first.start, `${said},${isOwnLine ? `\n${indentOf(file, first.start)}` : ' '}`)]
}
