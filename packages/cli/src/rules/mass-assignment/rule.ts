import { isWrite, queriesOf, type QueryFact } from '../../facts/ask/guarded.js'
import { shapeOf } from '../../facts/ask/schema-shape.js'
import { wholeInputs } from '../../facts/ask/whole-inputs.js'
import type { Fact, InputOrigin } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'

/** The client chooses which columns it writes. */
export const rule: Rule = {
  title: 'The client chooses which columns it writes',
  severity: 'error',
  references: ['CWE-915', 'API3:2023'],
  *entry({ facts, isWhole }) {
    for (const query of queriesOf(facts)) {
      if (!isWrite(query) || query.library === 'sql' || query.data === null || isTrusted(query)) continue
      const open = wholeInputs(query.data).find((one) => isUnpicked(one, query, facts))
      if (open === undefined) continue
      const isParsed = isPassed(open, query)
      yield {
        at: query,
        confidence: isWhole ? 'high' : 'medium',
        message: `The request chooses which columns of ${query.table ?? 'the row'} are written: ${wordsFor(open)} goes in whole${isParsed ? ', and its schema lets every key through' : ''}`,
        fix: 'Write the columns that a client may set one by one, or parse with a schema that names them and strips the rest',
        trace: query.via,
      }
    }
  },
}

function isUnpicked(input: InputOrigin, query: QueryFact, facts: readonly Fact[]): boolean {
  if (!isPassed(input, query)) return true
  const open = facts.flatMap((fact) =>
    fact.fact === 'validation' && originsOf(fact.value).some((one) => isSame(one, input))
      ? [fact.isOpen ?? shapeOf(fact.schema)?.isOpen]
      : [],
  )
  return open.length > 0 && open.every((one) => one === true)
}

/** By a schema, or by checks that come down to one. */
function isPassed(input: InputOrigin, { known }: QueryFact): boolean {
  return (
    input.validated ||
    [...known.values()].some((condition) => condition.is === 'valid' && condition.source === input.source)
  )
}

function isSame(one: { readonly from: string; readonly name: string; readonly source: object }, input: InputOrigin) {
  return one.from === 'input' && one.source === input.source && one.name === input.name
}

/** Whoever knows a secret of the server's is no client. */
function isTrusted({ known }: QueryFact): boolean {
  return [...known.values()].some(({ is }) => is === 'signature-holds' || is === 'secret-known')
}

function wordsFor({ part, name }: InputOrigin): string {
  const whole = part === 'body' ? 'its body' : part === 'query' ? 'its query' : 'an argument'
  return name === '' ? whole : `${name} of ${whole}`
}
