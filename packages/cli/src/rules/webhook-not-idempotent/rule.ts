import type { Fact } from '../../facts/trace/model.js'
import { isWebhook } from '../../facts/ask/public-by-nature.js'
import { queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'

/** A provider delivers more than once; what is done twice is done twice. */
export const rule: Rule = {
  title: 'A webhook has its effect again with every delivery',
  severity: 'error',
  references: ['CWE-694', 'API6:2023'],
  *entry({ entry, facts, isWhole }) {
    if (!isWebhook(entry) && !facts.some(isVerified)) return
    if (queriesOf(facts).some(isClaim)) return
    const effect = queriesOf(facts).find((query) => query.does === 'create' && query.inCatch === null && !isNote(query))
    if (effect === undefined) return
    yield {
      at: effect,
      confidence: isWhole ? 'high' : 'medium',
      message: `${effect.table ?? 'A row'} is made for every delivery, and nothing asks whether this event was there before`,
      fix: "Insert the event's id under a unique key in the same transaction first, and stop where it is there",
      trace: effect.via,
    }
  },
}

function isVerified(fact: Fact): boolean {
  return fact.fact === 'verify' || (fact.fact === 'guard' && fact.conditions.some(({ is }) => is === 'signature-holds'))
}

/** A look or an insert by the event's own id, or by a key of the business that a second delivery would find. */
function isClaim(query: QueryFact): boolean {
  if (query.does === 'upsert') return true
  return (
    (query.does === 'find' || query.does === 'list') &&
    query.keys.some(
      ({ column, value }) =>
        /event|delivery|message|webhook|session|payment|reference|intent|charge|order|external|provider|idempot/i.test(
          column,
        ) && originsOf(value).some(({ from }) => from === 'signed' || from === 'input'),
    )
  )
}

/** A line of a log that is kept in a table. */
function isNote({ table }: QueryFact): boolean {
  return /log|audit|analytics|metric/i.test(table ?? '')
}
