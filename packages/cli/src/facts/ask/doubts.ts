import type { Asked, Fact, Known } from '../trace/model.js'
import { looksLikeGuard } from '../trace/guard-name.js'
import type { QueryFact } from './guarded.js'
import { answersOf } from './answered.js'

/**
 * Whether something that could not be followed may have let the caller in: a package that nobody has described was asked, and by its
 * name it guards, or what it said decided over a refusal.
 */
export function isDoubted(at: Fact, facts: readonly Fact[]): boolean {
  if (judgesOf(at, facts).length > 0) return true
  return facts.slice(0, facts.indexOf(at)).some((fact) => fact.fact === 'outside' && looksLikeGuard(fact))
}

/** Whether it is such a call itself: what comes after rests on what it said. */
export function mayGuard(asked: Fact, facts: readonly Fact[]): boolean {
  return asked.fact === 'outside' && facts.some((fact) => judgesOf(fact, facts).includes(asked))
}

/** Whose word decided whether this is done. */
function judgesOf(at: Fact, facts: readonly Fact[]): Asked[] {
  const isRefusing = facts.some(refuses)
  return judgedIn(at.known).filter((by) => isRefusing || looksLikeGuard(by))
}

/** Where several ways lead here, one of them may be his. */
function judgedIn(known: Known): Asked[] {
  return [...known.values()].flatMap((condition) => {
    if (condition.is === 'met') return condition.ways.flatMap(judgedIn)
    return condition.is === 'judged' ? [condition.by] : []
  })
}

/** Whether that may have been before what it read was answered. */
export function isDoubtedRead(query: QueryFact, facts: readonly Fact[]): boolean {
  return [query, ...answersOf(query, facts)].some((fact) => isDoubted(fact, facts))
}

function refuses(fact: Fact): boolean {
  return fact.fact === 'answer' && fact.status.kind === 'literal' && [401, 403].includes(Number(fact.status.value))
}
