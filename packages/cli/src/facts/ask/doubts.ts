import type { Fact } from '../trace/model.js'
import { looksLikeGuard } from '../trace/guard-name.js'
import type { QueryFact } from './guarded.js'
import { answersOf } from './private-rows.js'

/**
 * Whether something that could not be followed may have let the caller in: a package that nobody has described was asked, and by its
 * name it guards, or what it said decided over a refusal.
 */
export function isDoubted(at: Fact, facts: readonly Fact[]): boolean {
  const isRefusing = facts.some(refuses)
  for (const condition of at.known.values())
    if (condition.is === 'judged' && (isRefusing || looksLikeGuard(condition.by))) return true
  return facts.slice(0, facts.indexOf(at)).some((fact) => fact.fact === 'outside' && looksLikeGuard(fact))
}

/** Whether that may have been before what it read was answered. */
export function isDoubtedRead(query: QueryFact, facts: readonly Fact[]): boolean {
  return [query, ...answersOf(query, facts)].some((fact) => isDoubted(fact, facts))
}

function refuses(fact: Fact): boolean {
  return fact.fact === 'answer' && fact.status.kind === 'literal' && [401, 403].includes(Number(fact.status.value))
}
