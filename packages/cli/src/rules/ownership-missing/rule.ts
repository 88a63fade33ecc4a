import type { Fact, Value } from '../../facts/trace/model.js'
import { isCallers, isScoped } from '../../facts/ask/callers-own.js'
import { isPermitted, isWrite, queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { isWebhook } from '../../facts/ask/public-by-nature.js'
import { casesOf, from, originsOf } from '../../facts/trace/value.js'
import type { TracedEntry } from '../../facts/trace/traced-entry.js'
import type { Hit, Rule } from '../rule.js'

/** A row reached by an id from the request, and nobody has asked whose it is. */
export const rule: Rule = {
  title: 'A row is reached by an id from the request, whoever owns it',
  severity: 'error',
  references: ['CWE-639', 'API1:2023'],
  *entry({ entry, facts, isWhole }) {
    // Whose rows a provider speaks of is the provider's to know; that it is the provider is asked elsewhere.
    if (isWebhook(entry)) return
    for (const query of queriesOf(facts)) {
      const hit = judge(query, facts, isWhole)
      if (hit !== undefined) yield hit
    }
  },
}

function judge(query: QueryFact, facts: TracedEntry['facts'], isWhole: boolean): Hit | undefined {
  if (isPermitted(query.known) || query.library === 'supabase' || query.does === 'raw' || query.does === 'count')
    return undefined
  if (query.does === 'create') return judgeCreate(query)
  if (isOwnEdge(query)) return undefined
  const named = query.keys.filter(({ value }) => isFromRequest(value))
  if (named.length === 0 || isScoped(query, query.known)) return undefined
  const isRead = !isWrite(query)
  if (isRead && (!isAnswered(query, facts) || isComparedLater(query, facts))) return undefined
  if (isRead && (query.does === 'list' || isPublished(query))) return undefined
  const confidence = !isWhole || query.isOpaque ? 'medium' : isRead ? 'medium' : 'high'
  return {
    at: query,
    confidence,
    message: `${query.table ?? 'A row'} is ${isRead ? 'read' : 'changed'} by ${named.map(({ column }) => column).join(', ')} from the request, and nothing says that it is the caller's`,
    fix: "Add the owner's column to the condition, or load the row and compare its owner with the caller first",
    trace: query.via,
  }
}

const OWNER =
  /^(user|author|owner|creator|organizer|buyer|customer|member|account|profile|created_?by|posted_?by)(_?id)?$/i

/** A new row whose owner is whoever the client says. */
function judgeCreate(query: QueryFact): Hit | undefined {
  if (query.data?.kind !== 'object') return undefined
  const entries = [...query.data.properties]
  if (entries.some(([, value]) => isCallers(value, query.known))) return undefined
  const owner = entries.find(([name, value]) => OWNER.test(name) && isFromRequest(value))
  if (owner === undefined) return undefined
  return {
    at: query,
    confidence: 'medium',
    message: `${query.table ?? 'A row'} is made for whoever the request names in ${owner[0]}`,
    fix: 'Take the owner from the session',
    trace: query.via,
  }
}

/** Nothing changes but whether the caller is tied to it: a like, a follow. */
function isOwnEdge({ data, known, does }: QueryFact): boolean {
  if (does !== 'update' || data?.kind !== 'object') return false
  const values = [...data.properties.values()].filter((value) => originsOf(value).length > 0)
  return values.length > 0 && values.every((value) => isCallers(flat(value), known))
}

function flat(value: Value): Value {
  return value.kind === 'object' || value.kind === 'list' ? from(...originsOf(value, 8)) : value
}

/** `where: { id, published: true }`: such rows are everybody's to read. */
function isPublished({ keys }: QueryFact): boolean {
  return keys.some(({ column, value }) => /publi|visib|active|status|state/i.test(column) && value.kind === 'literal')
}

function isFromRequest(value: Value): boolean {
  return casesOf(value).some((one) =>
    originsOf(one.value).some((origin) => origin.from === 'input' && origin.part !== 'cookies'),
  )
}

function isAnswered(query: QueryFact, facts: readonly Fact[]): boolean {
  return facts.some(
    (fact) =>
      fact.fact === 'answer' && originsOf(fact.body).some((origin) => origin.from === 'row' && origin.source === query),
  )
}

function isComparedLater(query: QueryFact, facts: readonly Fact[]): boolean {
  return facts.some((fact) =>
    [...fact.known.values()].some(
      (condition) =>
        condition.is === 'equal' &&
        [condition.a, condition.b].some((origin) => origin.from === 'row' && origin.source === query),
    ),
  )
}
