import type { Fact, Known } from '../trace/model.js'
import { isFoundByToken, isScoped, provesToken } from './callers-own.js'
import { onEveryWay } from './ways.js'

/** Whether something has let the caller in by the time this happens. */
export function isGuarded(known: Known): boolean {
  for (const condition of known.values()) {
    const { is } = condition
    if (is === 'authenticated' || is === 'permitted' || is === 'secret-known' || is === 'signature-holds') return true
    if (is === 'found' && isFoundByToken(condition.query)) return true
    if (provesToken(condition)) return true
  }
  return onEveryWay(known, isGuarded)
}

/** Whether the caller has a right that is not everybody's who is signed in. */
export function isPermitted(known: Known): boolean {
  for (const condition of known.values()) {
    const { is } = condition
    if (is === 'permitted' || is === 'secret-known' || is === 'signature-holds') return true
    // The caller's own row says it.
    if (is === 'privileged' && isOwn(condition.query as QueryFact, known)) return true
    // Whoever stands in a table of administrators is one.
    if (is === 'found' && STAFF.test(condition.query.table ?? '') && isOwn(condition.query as QueryFact, known))
      return true
  }
  return onEveryWay(known, isPermitted)
}

function isOwn(query: QueryFact, known: Known): boolean {
  return isFoundByToken(query) || isScoped(query, known)
}

const STAFF = /^(?:super_?)?(?:admin|administrator|moderator|staff)s?(?:_?(?:user|account|member|profile)s?)?$/i

export type QueryFact = Extract<Fact, { fact: 'query' }>

export function queriesOf(facts: readonly Fact[]): QueryFact[] {
  return facts.filter((fact): fact is QueryFact => fact.fact === 'query')
}

export function isWrite({ does }: QueryFact): boolean {
  return does === 'create' || does === 'update' || does === 'delete' || does === 'upsert'
}
