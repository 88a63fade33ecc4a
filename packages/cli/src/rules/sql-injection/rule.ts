import type { Fact, InputOrigin, Origin } from '../../facts/trace/model.js'
import { isAnyText } from '../../facts/ask/any-text.js'
import { queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { originsOf, textParts } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'

/** What the client sent becomes part of a statement's text. */
export const rule: Rule = {
  title: "What the client sent becomes part of a statement's text",
  severity: 'error',
  references: ['CWE-89', 'API8:2023'],
  *entry({ facts }) {
    for (const query of queriesOf(facts)) {
      if (query.text === undefined) continue
      const inputs = textParts(query.text)
        .flatMap((part) => originsOf(part))
        .filter((one) => isUnbound(one, facts) && !isOneOf(one, query))
      if (inputs.length === 0) continue
      yield {
        at: query,
        confidence: 'high',
        message: `A value of the request is put into the text of a statement on ${query.table ?? 'the database'}`,
        fix: 'Pass it as a bound value: `$1` in the text, the value beside it',
        trace: query.via,
      }
    }
  },
}

/** As it came, or through a schema that takes any text. */
function isUnbound(one: Origin, facts: readonly Fact[]): one is InputOrigin {
  return one.from === 'input' && (!one.validated || isAnyText(one, facts))
}

/** Compared with values that are written out, and left where it is none of them. */
function isOneOf(input: Origin, { known }: QueryFact): boolean {
  return [...known.values()].some((condition) => condition.is === 'one-of' && condition.origin === input)
}
