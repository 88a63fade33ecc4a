import type { Fact, InputOrigin, Value } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'

/** What the client sent is used as it came. */
export const rule: Rule = {
  title: 'What the client sent is used as it came',
  severity: 'error',
  references: ['CWE-20', 'API8:2023'],
  *entry({ facts, isWhole }) {
    for (const fact of facts) {
      const raw = used(fact).find((one) => isRaw(one, fact) && !isVouchedFor(fact))
      if (raw === undefined) continue
      yield {
        at: fact,
        confidence: isWhole ? 'high' : 'medium',
        message: `${raw.part === 'argument' ? 'An argument' : 'The body'} of the request is used before a schema has passed it`,
        fix: 'Parse it with a schema first, and use what the schema answers',
        trace: fact.via,
      }
      return
    }
  },
}

function used(fact: Fact): InputOrigin[] {
  const values: Value[] =
    fact.fact === 'query'
      ? [...fact.keys.map(({ value }) => value), ...(fact.data === null ? [] : [fact.data])]
      : fact.fact === 'outside'
        ? [...fact.args]
        : []
  return values.flatMap((value) => originsOf(value)).filter((one): one is InputOrigin => one.from === 'input')
}

function isRaw(input: InputOrigin, { known }: Fact): boolean {
  if (input.validated || (input.part !== 'body' && input.part !== 'argument')) return false
  return ![...known.values()].some((condition) => condition.is === 'valid' && condition.source === input.source)
}

/** Under a signature that holds it is the provider's word. */
function isVouchedFor({ known }: Fact): boolean {
  return [...known.values()].some(({ is }) => is === 'signature-holds')
}
