import type { Fact, Spot } from '../trace/model.js'
import type { TracedEntry } from '../trace/traced-entry.js'
import { originsOf } from '../trace/value.js'
import { isCallers } from './callers-own.js'
import { isGuarded, isWrite, type QueryFact } from './guarded.js'
import { isPublicByNature, isSignUp, isWebhook } from './public-by-nature.js'

/** Work that is done before anybody has asked who is calling. */
export interface Unguarded {
  readonly at: Fact
  readonly trace: readonly Spot[]
  /** Whether the code alone shows it. */
  readonly isShown: boolean
  /** What it does, as the predicate of a sentence. */
  readonly what: string
}

/** The first work that an entry point does for somebody it knows nothing of. */
export function unguardedWork({ entry, facts, isWhole }: TracedEntry): Unguarded | undefined {
  if (isWebhook(entry) || isPublicByNature(entry) || facts.some(isRateLimited) || facts.some(isSignUp)) return undefined
  const open = facts.filter((fact) => !isGuarded(fact.known) && !isOwnWork(fact))
  const write = open.find((fact) => fact.fact === 'query' && isWrite(fact))
  const first =
    write ?? open.find((fact) => isTelling(fact, facts)) ?? (isAsked(facts) ? undefined : open.find(isSpending))
  if (first === undefined) return undefined
  const isShown = isWhole && write !== undefined && !(entry.method === 'GET' && facts.some(isRedirect))
  return { at: first, isShown, trace: first.via, what: wordsFor(first) }
}

/** Whoever counts calls by address has meant strangers to call. */
function isRateLimited(fact: Fact): boolean {
  return fact.fact === 'answer' && fact.status.kind === 'literal' && fact.status.value === 429 && !isGuarded(fact.known)
}

function isRedirect(fact: Fact): boolean {
  return (
    (fact.fact === 'answer' && fact.status.kind === 'literal' && fact.status.value === 302) ||
    (fact.fact === 'steer' && fact.name !== 'rethrow')
  )
}

/** Only for whoever is signed in does such a query find anything. */
function isOwnWork(fact: Fact): boolean {
  return fact.fact === 'query' && fact.keys.some(({ value }) => isCallers(value, fact.known))
}

/** Whether anything has looked for the caller, were it only to show more to those whom it knows. */
function isAsked(facts: readonly Fact[]): boolean {
  return facts.some((fact) => fact.fact === 'identity' || isGuarded(fact.known))
}

const PERSONAL =
  /user|account|profile|order|payment|invoice|message|customer|session|token|secret|favou?rite|subscri|address|notification/i

/** Somebody's own rows are read and answered. */
function isTelling(fact: Fact, facts: readonly Fact[]): boolean {
  if (fact.fact !== 'query' || fact.does === 'count' || !PERSONAL.test(fact.table ?? '') || isAsked(facts)) return false
  return facts.some(
    (one) =>
      one.fact === 'answer' && originsOf(one.body).some((origin) => origin.from === 'row' && origin.source === fact),
  )
}

/** Mail is sent, a model is asked: at the expense of whoever runs it. */
function isSpending(fact: Fact): boolean {
  return (
    fact.fact === 'outside' &&
    fact.library !== 'supabase-auth' &&
    fact.args.some((arg) => originsOf(arg).some(({ from }) => from === 'input'))
  )
}

function wordsFor(fact: Fact): string {
  if (fact.fact === 'query') return `${VERBS[fact.does]} ${fact.table ?? 'the database'}`
  return fact.fact === 'outside' ? `calls ${fact.library}` : 'works'
}

const VERBS: Readonly<Record<QueryFact['does'], string>> = {
  find: 'reads',
  list: 'lists',
  count: 'counts',
  create: 'adds to',
  update: 'changes',
  upsert: 'writes to',
  delete: 'deletes from',
  raw: 'runs SQL on',
  call: 'calls',
}
