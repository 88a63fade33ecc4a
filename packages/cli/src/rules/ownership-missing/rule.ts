import type { Fact, Origin, Value } from '../../facts/trace/model.js'
import { answersOf } from '../../facts/ask/answered.js'
import { isCallers, isFoundByToken, isScoped } from '../../facts/ask/callers-own.js'
import { isCounting } from '../../facts/ask/counting.js'
import { isDoubted, isDoubtedRead } from '../../facts/ask/doubts.js'
import { isGuarded, isPermitted, isWrite, queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { isAnswered, isFromRequest, isPrivateRead } from '../../facts/ask/private-rows.js'
import { isPublicByNature, isSignUp, isWebhook } from '../../facts/ask/public-by-nature.js'
import { from, originsOf } from '../../facts/trace/value.js'
import type { TracedEntry } from '../../facts/trace/traced-entry.js'
import type { Hit, Rule } from '../rule.js'

/** A row reached by an id from the request, and nobody has asked whose it is. */
export const rule: Rule = {
  title: 'A row is reached by an id from the request, whoever owns it',
  severity: 'error',
  references: ['CWE-639', 'API1:2023'],
  *entry(traced) {
    // Whose rows a provider speaks of is the provider's to know; that it is the provider is asked elsewhere.
    if (isWebhook(traced.entry)) return
    for (const query of queriesOf(traced.facts)) {
      const hit = judge(query, traced)
      if (hit !== undefined) yield hit
    }
  },
}

function judge(query: QueryFact, traced: TracedEntry): Hit | undefined {
  const { entry, facts, isWhole } = traced
  if (isPermitted(query.known) || query.library === 'supabase' || query.does === 'raw' || query.does === 'count')
    return undefined
  if (query.does === 'create') return judgeCreate(query, isWhole && !isDoubted(query, facts))
  if (isOwnEdge(query) || isCounting(query) || isRecount(query) || isFoundByToken(query)) return undefined
  // Where somebody is signed in, what was found by an id of the request may have been shown to be theirs in more ways than are known.
  const far = isGuarded(query.known) || facts.some(isSignUp) || isPublicByNature(entry) ? 0 : FAR
  const named = query.keys.filter(({ column, value }) => !WHEN.test(column) && isNamedByRequest(value, far))
  if (named.length === 0 || isScoped(query, query.known)) return undefined
  const isRead = !isWrite(query)
  const isPrivate = isRead && isPrivateRead(query, facts)
  if (isRead && !isPrivate) {
    if (!isAnswered(query, facts) || query.does === 'list' || isPublished(query)) return undefined
  }
  if (isRead && (isComparedLater(query, facts) || isScopedWhereAnswered(query, facts))) return undefined
  const isShown =
    isWhole &&
    !query.isOpaque &&
    !isMadeSure(query) &&
    (isRead ? isPrivate && isShownRead(query, traced) : !isDoubted(query, facts) && !isSignedInHere(traced, query))
  return {
    at: query,
    confidence: isShown ? 'high' : 'medium',
    message: `${query.table ?? 'A row'} is ${isRead ? 'read' : 'changed'} by ${named.map(({ column }) => column).join(', ')} from the request, and nothing says that it is the caller's`,
    fix: "Add the owner's column to the condition, or load the row and compare its owner with the caller first",
    trace: query.via,
  }
}

/** Between two dates there are rows of many, and nobody's. */
const WHEN = /(?:^|\.|_)(?:date|time|timestamp|day|month|year)$|(?:_at|At|Date|Time)$/

/** A row was there by a condition that could not be followed: it may have been one that ties the caller to this one. */
function isMadeSure(query: QueryFact): boolean {
  return [...query.known.values()].some((one) => one.is === 'found' && one.query !== query && one.query.isOpaque)
}

/** How far a row is followed to the one by whose columns it was found. */
const FAR = 3

/** An id from the request, or of a row that was found by one and that nobody has shown to be the caller's. */
function isNamedByRequest(value: Value, depth: number): boolean {
  if (isFromRequest(value)) return true
  return (
    depth > 0 &&
    originsOf(value).some(
      (origin) =>
        origin.from === 'row' &&
        (origin.source.does === 'find' || origin.source.does === 'list') &&
        origin.source.keys.some((key) => isNamedByRequest(key.value, depth - 1)),
    )
  )
}

const OWNER =
  /^(user|author|owner|creator|organizer|buyer|customer|member|account|profile|created_?by|posted_?by)(_?id)?$/i

/** A new row whose owner is whoever the client says. */
function judgeCreate(query: QueryFact, isFollowed: boolean): Hit | undefined {
  if (query.data?.kind !== 'object') return undefined
  const entries = [...query.data.properties]
  if (entries.some(([, value]) => isCallers(value, query.known))) return undefined
  // Whose row was made or found on the way is no name that the client has given.
  const owner = entries.find(([name, value]) => OWNER.test(name) && isFromRequest(value) && !isRow(value))
  if (owner === undefined) return undefined
  return {
    at: query,
    // Who is signed in may make something for another; where nobody is, anybody can for everybody.
    confidence: isFollowed && !isGuarded(query.known) && namesId(owner) ? 'high' : 'medium',
    message: `${query.table ?? 'A row'} is made for whoever the request names in ${owner[0]}`,
    fix: 'Take the owner from the session',
    trace: query.via,
  }
}

const isRow = (value: Value) => originsOf(value).some((origin) => origin.from === 'row')

/** Nothing changes but whether the caller is tied to it: a like, a follow. */
function isOwnEdge({ data, known, does }: QueryFact): boolean {
  if (does !== 'update' || data?.kind !== 'object') return false
  const values = [...data.properties.values()].filter((value) => originsOf(value).length > 0)
  return (
    values.length > 0 && values.every((value) => originsOf(value, 8).every((origin) => isCallers(from(origin), known)))
  )
}

/** What is written was computed of many rows: an average, how many there are. Nothing in it is the client's to choose. */
function isRecount({ data, does }: QueryFact): boolean {
  if (does !== 'update' || data?.kind !== 'object' || data.others.length > 0) return false
  const values = [...data.properties.values()]
  return values.length > 0 && values.every((value) => originsOf(value).some(isOfMany) && !isFromRequest(value))
}

function isOfMany(origin: Origin): boolean {
  return origin.from === 'row' && (origin.source.does === 'list' || origin.source.does === 'count')
}

/** `where: { id, published: true }`: such rows are everybody's to read. */
function isPublished({ keys }: QueryFact): boolean {
  return keys.some(({ column, value }) => /publi|visib|active|status|state/i.test(column) && value.kind === 'literal')
}

/** `author: body.userId`; the author of a guest book's entry is a name. */
function namesId([name, value]: readonly [string, Value]): boolean {
  return /id$/i.test(name) || originsOf(value).some((origin) => origin.from === 'input' && /id$/i.test(origin.name))
}

/** Where strangers sign up and reset passwords, what was mailed to somebody may have shown who they are before their row is changed. */
function isSignedInHere({ entry }: TracedEntry, { known }: QueryFact): boolean {
  return isPublicByNature(entry) && !isGuarded(known)
}

/** Whoever signs in is read before it is known who it is, and a password may be compared by what could not be followed. */
function isShownRead(query: QueryFact, { entry, facts }: TracedEntry): boolean {
  return !isPublicByNature(entry) && !isDoubtedRead(query, facts)
}

/** By the time it is answered, something has shown whose it is. */
function isScopedWhereAnswered(query: QueryFact, facts: readonly Fact[]): boolean {
  const answers = answersOf(query, facts)
  return answers.length > 0 && answers.every((fact) => isScoped(query, fact.known))
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
