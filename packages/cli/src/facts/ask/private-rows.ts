import type { Fact } from '../trace/model.js'
import { casesOf, originsOf } from '../trace/value.js'
import type { Value } from '../trace/model.js'
import { rowsIn } from './answered.js'
import type { QueryFact } from './guarded.js'

/** Rows that nobody shows to whoever asks for them, told by what they are and by what of them is answered. */
export function isPrivateRead(query: QueryFact, facts: readonly Fact[]): boolean {
  if (query.does !== 'find' && query.does !== 'list') return false
  if (usesSecret(query, facts)) return true
  if (!isAnswered(query, facts, true)) return false
  const { columns, table } = query
  if (columns !== undefined && columns !== 'all' && columns.some((name) => SECRET.test(name))) return true
  const words = wordsOf(table ?? '')
  // Whole rows of accounts hold addresses, and hashes of passwords.
  if (ACCOUNTS.test(words)) return columns === 'all'
  if (columns !== undefined && columns !== 'all')
    return query.library === 'supabase-service' && namesOwner(query, OWNER_ID)
  if (query.does === 'list' && SALES.test(words)) return true
  return (
    (RECORDS.test(words) && namesOwner(query, OWNER_KEY)) ||
    (query.library === 'supabase-service' && namesOwner(query, OWNER_ID))
  )
}

/** Whether what was found is in an answer; `whole` as it was found, not what code has made of it. */
export function isAnswered(query: QueryFact, facts: readonly Fact[], whole = false): boolean {
  return facts.some(
    (fact) => fact.fact === 'answer' && rowsIn(fact.body, query).some(({ name }) => !whole || isWhole(name, query)),
  )
}

/** Items of a list are whole; `user.name` is a part. What was selected by its columns is meant to be answered. */
function isWhole(name: string, { columns }: QueryFact): boolean {
  return (
    (columns !== undefined && columns !== 'all') || name.split('.').every((part) => /^(?:\*|\d*|rows|data)$/.test(part))
  )
}

/** A key or a password that was found goes to somebody else on behalf of whoever asked. */
function usesSecret(query: QueryFact, facts: readonly Fact[]): boolean {
  const known = lent.get(facts)
  if (known !== undefined) return known.has(query)
  const found = new Set(facts.flatMap(lentIn))
  lent.set(facts, found)
  return found.has(query)
}

/** What a walk has found out does not change: it is looked through once, and not for each of its queries. */
const lent = new WeakMap<readonly Fact[], ReadonlySet<object>>()

function lentIn(fact: Fact): object[] {
  if (fact.fact !== 'outside') return []
  const origins = fact.args.flatMap((arg) => originsOf(arg))
  return origins.flatMap((origin) => (origin.from === 'row' && LENT.test(origin.name) ? [origin.source] : []))
}

/** The request says whose rows they are to be. */
function namesOwner({ keys }: QueryFact, owner: RegExp): boolean {
  return keys.some(({ column, value }) => owner.test(column) && isFromRequest(value))
}

export function isFromRequest(value: Value): boolean {
  return casesOf(value).some((one) =>
    originsOf(one.value).some((origin) => origin.from === 'input' && origin.part !== 'cookies'),
  )
}

const OWNER_KEY =
  /^(?:user|author|owner|creator|buyer|customer|member|account|profile|patient|client|clerk|recipient|sender|student|employee)(?:_?(?:id|name|email))?$|^email$|^username$/i

const OWNER_ID = /^(?:user|owner|customer|member|account|profile|patient|client)_?id$/i

/** Who bought what. */
const SALES = /^(?:order|payment|invoice|purchase)s?$/

/** What lets whoever has it act for its owner; the token of a device only lets it be reached, and a hash is there to be compared. */
const LENT =
  /^(?!.*(?:push|device|fcm|expo|apns|reset|verif|csrf|session|invit)).*(?:api_?key|token|private_?key|client_?secret)$/i

const SECRET =
  /password|passwd|passphrase|hash$|secret|api_?key|access_?token|refresh_?token|private_?key|(?:^|_)(?:ssn|iban)$|[a-z]_token$/i

const ACCOUNTS = /^(?:app |auth |tbl )?(?:user|account|customer|member|patient|employee|client)s?$/

const RECORDS =
  /\b(?:order|payment|invoice|transaction|subscription|purchase|favou?rite|bookmark|wishlist|cart|message|conversation|notification|address|chat|prescription|appointment|booking|reservation)(?:s|es)?\b/

/** `BlogPost` and `blog_posts` are the same words, but for the plural. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
    .toLowerCase()
}
