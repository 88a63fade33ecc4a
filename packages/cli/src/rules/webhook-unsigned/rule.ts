import { inputsIn } from '../../facts/catalog/meaning.js'
import { isFixed } from '../../facts/trace/value.js'
import { isDoubted, mayGuard } from '../../facts/ask/doubts.js'
import { isGuarded, type QueryFact } from '../../facts/ask/guarded.js'
import { isWebhook } from '../../facts/ask/public-by-nature.js'
import type { Fact, Value } from '../../facts/trace/model.js'
import type { Rule } from '../rule.js'

/** A webhook that believes whoever calls it. */
export const rule: Rule = {
  title: 'A webhook works before anybody has verified its signature',
  severity: 'error',
  references: ['CWE-345', 'API2:2023'],
  *entry({ entry, facts, isWhole }) {
    if (!isWebhook(entry) || entry.method === 'GET') return
    const open = facts.find((fact) => isWork(fact) && !isGuarded(fact.known) && !mayGuard(fact, facts))
    if (open === undefined) return
    yield {
      at: open,
      confidence: isWhole && !isDoubted(open, facts) && !facts.some(isMeantForProduction) ? 'high' : 'medium',
      message: `${entry.symbol} works for whoever calls it: no signature was verified before`,
      fix: "Verify the provider's signature over the raw body first",
      trace: open.via,
    }
  },
}

/** What is done with what was sent. Whoever asks for an address to count calls by, or whether a feature is on, believes nothing yet. */
function isWork(fact: Fact): boolean {
  if (fact.fact === 'query') return !isRead(fact) || !valuesOf(fact).every(isFixed)
  return fact.fact === 'outside' && fact.args.some((arg) => inputsIn(arg).length > 0)
}

function isRead({ does, isOpaque }: QueryFact): boolean {
  return !isOpaque && (does === 'find' || does === 'list' || does === 'count')
}

function valuesOf({ keys, text }: QueryFact): Value[] {
  return [...keys.map(({ value }) => value), ...(text === undefined ? [] : [text])]
}

/** Verified, in a function that leaves it out where it runs on somebody's desk. */
function isMeantForProduction(fact: Fact): boolean {
  if (fact.fact !== 'guard' || fact.within === null) return false
  const { file, node } = fact.within
  return (
    fact.conditions.some(({ is }) => is === 'signature-holds') && ON_A_DESK.test(file.text.slice(node.start, node.end))
  )
}

const ON_A_DESK = /\b(?:NODE_ENV|VERCEL|VERCEL_ENV|DEV|isDev\w*|IS_DEV\w*)\b/
