import { queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import type { Loop, Spot } from '../../facts/trace/model.js'
import type { EntryPoint, Hit, Rule } from '../rule.js'

/** One query for each row of another. Whoever mends it mends the loop, so it is told there, once for all that lead to it. */
export const rule: Rule = {
  title: 'The database is asked once for each of many',
  severity: 'warning',
  references: ['CWE-1073'],
  *entry({ entry, facts }) {
    const queries = queriesOf(facts)
    const seen = new Set(queries.flatMap(batchesOf))
    for (const query of queries) {
      const { loop, via, table } = query
      if (loop === null || seen.has(loop.node) || goesByChunks(loop)) continue
      seen.add(loop.node)
      const calls = [...via, query]
      const inside = calls.findIndex((call) => isIn(call, loop))
      yield {
        at: calls[inside] ?? query,
        confidence: 'high',
        message: `${table ?? 'The database'} is asked inside a loop`,
        fix: 'Ask once for all: with a list of ids, or a join',
        trace: calls.slice(0, Math.max(inside, 0)),
        ...subjectOf(entry, loop),
      }
    }
  },
}

/**
 * Where a loop that goes through nothing reads a list each time, it goes through batches, page by page or level by level: what is asked
 * for all of a batch at once is what this rule wants.
 */
function batchesOf({ does, loop }: QueryFact): Spot['node'][] {
  return does === 'list' && loop !== null && !loop.hasRows ? [loop.node] : []
}

/** What a loop goes over, of a statement or of a call: `of rows`, `rows.map(…)`. */
interface Part {
  readonly start: number
  readonly end: number
  readonly object?: Part
}

/** `for (const ids of chunk(all, 250))`: what is asked for each is asked for two hundred and fifty. */
function goesByChunks({ file, node }: Loop): boolean {
  const { right, callee } = node as { readonly right?: Part; readonly callee?: Part }
  const over = right ?? callee?.object
  return over !== undefined && CHUNKS.test(file.text.slice(over.start, Math.min(over.end, over.start + 120)))
}

const CHUNKS =
  /^(?:await\s+)?[\w$.]*(?:[cC]hunks?|(?:in|to|split)(?:To|Into)?(?:Batches|Every)|[bB]atch(?:ed|es|ify)?)(?:<[^>]*>)?\(|^\w*[cC]hunks$/

function isIn({ file, node }: Spot, outer: Spot): boolean {
  return file === outer.file && node !== outer.node && outer.node.start <= node.start && node.end <= outer.node.end
}

/** Another function than what was called is named: others may lead to it, too. */
function subjectOf({ kind, spot }: EntryPoint, loop: Loop): Pick<Hit, 'subject'> {
  const { within } = loop
  if (within === null || !isIn(loop, within)) return {}
  const isOwn = kind !== 'page' && within.file === spot.file && isAcross(within, spot)
  return isOwn ? {} : { subject: { kind: 'query', symbol: within.name, at: within } }
}

function isAcross(one: Spot, other: Spot): boolean {
  return one.node.start < other.node.end && other.node.start < one.node.end
}
