import type { Fact, Value } from '../../facts/trace/model.js'
import { listsRows, rowsIn } from '../../facts/ask/answered.js'
import { isGuarded, queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { subjectOf } from '../../facts/ask/subject-of.js'
import type { EntryPoint, Rule } from '../rule.js'
import { limitEdits } from './limit-edits.js'

/** A list that grows with its users, answered whole. */
export const rule: Rule = {
  title: 'A list is answered whole, however long it grows',
  severity: 'warning',
  references: ['CWE-770', 'API4:2023'],
  *entry({ entry, facts, isFollowed }) {
    for (const query of queriesOf(facts)) {
      if (query.does !== 'list' || query.limit !== null || isOne(query) || !isKnownAsEver(query, facts)) continue
      const isAnswered = entry.kind === 'page' || isIn(query, answersIn(facts))
      if (!isAnswered && !isIn(query, sentIn(facts))) continue
      yield {
        at: query,
        confidence: isFollowed ? 'high' : 'medium',
        message: `All of ${query.table ?? 'the rows'} that fit are ${isAnswered ? 'answered' : 'sent on'} at once`,
        fix: 'Take a limit with an upper bound, and answer a page',
        trace: query.via,
        edits: () => (isAnsweredAsItIs(query, entry, facts) ? limitEdits(query) : undefined),
        ...subjectOf(entry, query),
      }
    }
  },
}

/** Whether it leaves as the list that it is. */
function isIn(query: QueryFact, bodies: readonly Value[]): boolean {
  return bodies.some((body) => listsRows(body, query))
}

function answersIn(facts: readonly Fact[]): Value[] {
  return facts.flatMap((fact) => (fact.fact === 'answer' ? [fact.body] : []))
}

/** What another service is sent grows as what a client is answered does. */
function sentIn(facts: readonly Fact[]): Value[] {
  return facts.flatMap((fact) => (fact.fact === 'outside' && fact.library === 'fetch' ? fact.args : []))
}

/** By an equality of what there is once. */
function isOne({ keys }: QueryFact): boolean {
  return keys.some(({ column }) =>
    /^(?:_?id|uuid|slug|email|user_?name|handle|token|key|code|domain|sub_?domain|stripe_?\w*id)$/i.test(column),
  )
}

/** What is looked up to find out who is calling is no list that anybody is answered. */
function isKnownAsEver(query: QueryFact, facts: readonly Fact[]): boolean {
  return isGuarded(query.known) || !facts.some((fact) => isGuarded(fact.known))
}

/** What is computed of many rows: of fewer it would be something else. */
const COMPUTES =
  /\.(?:reduce|length|size|filter|some|every|forEach|includes)\b|\.find\(\s*(?:\(|\w+\s*=>)|\bfor\s*(?:await\s*)?\(|\bnew (?:Map|Set)\(|sum|total|count/i

function isAnsweredAsItIs(query: QueryFact, entry: EntryPoint, facts: readonly Fact[]): boolean {
  const isWhole = facts.some(
    (fact) => fact.fact === 'answer' && rowsIn(fact.body, query).some(({ name }) => name === ''),
  )
  const around = [entry.spot, query.within].flatMap((spot) => spot ?? [])
  return isWhole && around.every(({ file, node }) => !COMPUTES.test(file.text.slice(node.start, node.end)))
}
