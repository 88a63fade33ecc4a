import type { Condition, Fact, Known, Origin, Query, Value } from '../trace/model.js'
import { casesOf, originsOf } from '../trace/value.js'
import { onEveryWay } from './ways.js'

type Found = Extract<Fact, { fact: 'query' }>

/** How far a row is followed to the query that found it, and that one's keys to the row before. */
const FAR = 5

/** Whether a value says who is calling, or leads to something that is known to be theirs. */
export function isCallers(value: Value, known: Known, depth = FAR): boolean {
  if (depth === 0) return false
  const cases = casesOf(value).filter((one) => one.value.kind !== 'literal')
  return (
    cases.length > 0 &&
    cases.every((one) => originsOf(one.value).some((origin) => isCallersOrigin(origin, known, depth)))
  )
}

function isCallersOrigin(origin: Origin, known: Known, depth: number): boolean {
  switch (origin.from) {
    case 'principal':
    case 'signed':
      return true
    case 'row':
      return (
        isScoped(origin.source as Found, known, depth - 1) ||
        isFoundByToken(origin.source) ||
        isProvenByToken(origin.source, known)
      )
    case 'input':
      return isProven(origin, known, depth - 1)
    default:
      return false
  }
}

/** Whether what a query finds or changes is the caller's by its own condition, or by a comparison that code has made. */
export function isScoped(query: Found, known: Known, depth = FAR): boolean {
  if (depth <= 0) return false
  const here = together(known, query.known)
  const asked = answers.get(here) ?? new Map<Query, Map<number, boolean>>()
  answers.set(here, asked)
  const before = asked.get(query) ?? new Map<number, boolean>()
  asked.set(query, before)
  const told = before.get(depth) ?? isScopedHere(query, here, depth)
  before.set(depth, told)
  return told
}

/** What was found out already: rows lead to each other in as many ways as a large service has queries, and the answer stays the same. */
const answers = new WeakMap<Known, Map<Query, Map<number, boolean>>>()

function isScopedHere(query: Found, here: Known, depth: number): boolean {
  if (query.keys.some(({ value }) => isCallers(value, here, depth)) || isProvenByToken(query, here)) return true
  return (
    [...here.values()].some(
      (condition) => comparesRow(condition, query, here, depth) || leadsToCallers(condition, query, here, depth),
    ) ||
    onEveryWay(
      here,
      (way) => isPermittedOn(way, depth) || isScopedHere(query, way, depth),
      (condition) => isRight(condition) || isAboutRow(condition, query),
    )
  )
}

function isAboutRow(condition: Condition, query: Query): boolean {
  if (condition.is === 'equal') return condition.a.source === query || condition.b.source === query
  return condition.is === 'found' && namesRow(condition.query, query)
}

function namesRow({ keys }: Query, query: Query): boolean {
  return keys.some(({ value }) => originsOf(value).some((one) => one.from === 'row' && one.source === query))
}

function isRight({ is }: Condition): boolean {
  return is === 'permitted' || is === 'secret-known' || is === 'signature-holds' || is === 'privileged'
}

/** Whose right it is to go this way needs no row of their own on it: `post.authorId === user.id`, or a seat of an admin's was found. */
function isPermittedOn(way: Known, depth: number): boolean {
  return [...way.values()].some(
    (condition) =>
      isRight(condition) && (condition.is !== 'privileged' || isScoped(condition.query as Found, way, depth - 1)),
  )
}

const joined = new WeakMap<Known, WeakMap<Known, Known>>()

/** What is known here and there: the same two are the same again, so that what was found out for them is found. */
function together(known: Known, other: Known): Known {
  if (known === other || other.size === 0) return known
  const before = joined.get(known) ?? new WeakMap<Known, Known>()
  joined.set(known, before)
  const found = before.get(other)
  if (found !== undefined) return found
  const all = [...other.keys()].every((key) => known.has(key)) ? known : new Map([...known, ...other])
  before.set(other, all)
  return all
}

/** A row of the caller's was found by a column of this one: a membership in the team that it belongs to. */
function leadsToCallers(condition: Condition, query: Query, known: Known, depth: number): boolean {
  return (
    condition.is === 'found' &&
    condition.query !== query &&
    namesRow(condition.query, query) &&
    isScoped(condition.query as Found, known, depth - 1)
  )
}

/** `post.authorId === session.user.id`, and what follows where it does not hold has been left. */
function comparesRow(condition: Condition, query: Query, known: Known, depth: number): boolean {
  if (condition.is !== 'equal') return false
  return [
    [condition.a, condition.b],
    [condition.b, condition.a],
  ].some(
    ([row, other]) =>
      row!.from === 'row' &&
      row!.source === query &&
      other !== undefined &&
      other !== row &&
      other.source !== query &&
      depth > 0 &&
      isCallersOrigin(other, known, depth - 1),
  )
}

/** A key that was sent, compared with what is kept of it. */
export function provesToken(condition: Condition): boolean {
  if (condition.is !== 'equal') return false
  const [row, input] = condition.a.from === 'row' ? [condition.a, condition.b] : [condition.b, condition.a]
  return row.from === 'row' && input.from === 'input' && TOKEN.test(row.name)
}

function isProvenByToken(query: Query, known: Known): boolean {
  return [...known.values()].some(
    (condition) =>
      provesToken(condition) &&
      condition.is === 'equal' &&
      (condition.a.source === query || condition.b.source === query),
  )
}

const TOKEN = /token|hash|secret|key|session|jti|bearer|password/i

/** Rows that are known by what their owner holds: its hash as their id, or how it begins. */
const KEPT = /session|token|api_?key/i
const BY = /^id$|prefix|lookup/i

const SENT = /token|secret|nonce|magic|(?:^|_)otp$/i

/** Found by what only its owner knows: an API key, the id of a session. A plain id in a header is no such thing. */
export function isFoundByToken({ table, keys }: Query): boolean {
  return keys.some(
    ({ column, value }) =>
      ((TOKEN.test(column) || (BY.test(column) && KEPT.test(table ?? ''))) &&
        originsOf(value).some((one) => one.from === 'input' && (one.part === 'headers' || one.part === 'cookies'))) ||
      // A link out of a mail: whoever has it was sent it.
      (SENT.test(column) && originsOf(value).some((one) => one.from === 'input')),
  )
}

/** An id of the client's by which something of theirs was found: from then on it is known to be theirs. */
function isProven(input: Origin, known: Known, depth: number): boolean {
  for (const condition of known.values()) {
    if (condition.is === 'equal' && (condition.a === input || condition.b === input)) {
      const other = condition.a === input ? condition.b : condition.a
      if (other.from === 'principal' || other.from === 'signed') return true
      if (other.from === 'row' && depth > 0 && isScoped(other.source as Found, known, depth - 1)) return true
    }
    if (condition.is === 'equal') {
      // Somebody else was asked about it, and has named the caller.
      const [answer, other] = condition.a.from === 'answered' ? [condition.a, condition.b] : [condition.b, condition.a]
      if (other.from === 'principal' && asksAbout(answer, input)) return true
      // Whose row has the caller's id was there.
      const row = condition.a.from === 'row' ? condition.a : condition.b
      if (row.from === 'row' && namesInput(row.source, input) && comparesRow(condition, row.source, known, depth))
        return true
    }
    if (condition.is !== 'found' || depth <= 0) continue
    const query = condition.query as Found
    if (!namesInput(query, input)) continue
    if (isScoped(query, known, depth - 1)) return true
  }
  return (
    depth > 0 &&
    onEveryWay(
      known,
      (way) => isPermittedOn(way, depth) || isProven(input, way, depth - 1),
      (condition) => isRight(condition) || isAboutInput(condition, input),
    )
  )
}

function isAboutInput(condition: Condition, input: Origin): boolean {
  if (condition.is === 'found') return namesInput(condition.query, input)
  if (condition.is !== 'equal') return false
  return [condition.a, condition.b].some(
    (one) => one === input || asksAbout(one, input) || (one.from === 'row' && namesInput(one.source, input)),
  )
}

function asksAbout(answer: Origin, input: Origin): boolean {
  return (
    answer.from === 'answered' &&
    answer.source.args.some((arg) => originsOf(arg).some((one) => isSameInput(one, input)))
  )
}

function namesInput({ keys }: Query, input: Origin): boolean {
  return keys.some(({ value }) => originsOf(value).some((one) => isSameInput(one, input)))
}

/** Whether or not a schema has passed it in between. */
function isSameInput(a: Origin, b: Origin): boolean {
  return a.from === 'input' && b.from === 'input' && a.source === b.source && a.part === b.part && a.name === b.name
}
