import type { Fact, Spot } from '../trace/model.js'
import type { TracedEntry } from '../trace/traced-entry.js'
import type { EntryPoint } from '../entry/entry-point.js'
import type { ProjectFacts } from '../project-facts.js'
import { originsOf } from '../trace/value.js'
import { answersOf } from './answered.js'
import { isCallers, isFoundByToken } from './callers-own.js'
import { isCounting } from './counting.js'
import { isDoubted, isDoubtedRead } from './doubts.js'
import { isGuarded, isWrite, type QueryFact } from './guarded.js'
import { hasPlatformGate } from './platform-gate.js'
import { isPrivateRead } from './private-rows.js'
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
export function unguardedWork(traced: TracedEntry, project: Pick<ProjectFacts, 'source'>): Unguarded | undefined {
  const { entry, facts, isWhole } = traced
  if (isWebhook(entry) || isPublicByNature(entry) || facts.some(isRateLimited) || facts.some(isSignUp)) return undefined
  const open = facts.filter((fact) => !isGuarded(fact.known) && !isOwnWork(fact))
  const write = open.find((fact) => fact.fact === 'query' && isWrite(fact))
  const told = isAsked(facts) ? [] : open.filter((fact) => fact.fact === 'query' && !isWrite(fact))
  const first =
    write ??
    told.find((fact) => isPrivateWork(fact, facts)) ??
    open.find((fact) => isTelling(fact, facts)) ??
    (isAsked(facts) ? undefined : open.find(isSpending))
  if (first === undefined) return undefined
  const isShown =
    isWhole &&
    !hasPlatformGate(entry, project) &&
    (write === undefined ? isPrivateWork(first, facts) || isLent(first, entry) : isShownWrite(write, traced)) &&
    !isDoubted(first, facts)
  return { at: first, isShown, trace: first.via, what: wordsFor(first) }
}

/** A function of which the platform was told to ask nobody calls somebody else with the server's own key. */
function isLent(fact: Fact, { framework }: EntryPoint): boolean {
  return (
    framework === 'supabase' &&
    fact.fact === 'outside' &&
    fact.args.flatMap((arg) => originsOf(arg)).some(({ from, name }) => from === 'environment' && KEY.test(name))
  )
}

const KEY = /key|token|secret/i

function isPrivateWork(fact: Fact, facts: readonly Fact[]): boolean {
  return fact.fact === 'query' && isPrivateRead(fact, facts) && !isDoubtedRead(fact, facts)
}

/** A link in a mail changes something and leads on; a counter of views counts strangers. */
function isShownWrite(write: Fact, { entry, facts }: TracedEntry): boolean {
  if (entry.method === 'GET' && (facts.some(isRedirect) || !isAboutRequest(write))) return false
  return !isCounting(write)
}

/** Whether anything of the request is in it: what a GET writes over without, it keeps for the next that asks. */
function isAboutRequest(write: Fact): boolean {
  if (write.fact !== 'query' || write.does !== 'upsert') return true
  const values = [...write.keys.map(({ value }) => value), ...(write.data === null ? [] : [write.data])]
  return values.some((value) => originsOf(value).some(({ from }) => from === 'input'))
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
  return fact.fact === 'query' && (isFoundByToken(fact) || fact.keys.some(({ value }) => isCallers(value, fact.known)))
}

/** Whether anything has looked for the caller, were it only to show more to those whom it knows. */
function isAsked(facts: readonly Fact[]): boolean {
  return facts.some((fact) => fact.fact === 'identity' || isGuarded(fact.known))
}

const PERSONAL =
  /user(?!_?name)|account|profile|order|payment|invoice|message|customer|session|token|secret|favou?rite|subscri|address|notification|e_?mail|phone|password|birth|salary/i

/** Somebody's own rows are read and answered. */
function isTelling(fact: Fact, facts: readonly Fact[]): boolean {
  if (fact.fact !== 'query' || fact.does === 'count' || !PERSONAL.test(fact.table ?? '') || isAsked(facts)) return false
  // A name and a picture were chosen to be shown.
  const { columns = 'all' } = fact
  if (columns !== 'all' && !columns.some((name) => PERSONAL.test(name))) return false
  return answersOf(fact, facts).length > 0
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
