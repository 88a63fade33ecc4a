import type { Fact, Origin } from '../../facts/trace/model.js'
import { originsOf } from '../../facts/trace/value.js'
import type { Rule } from '../rule.js'
import { genericEdits } from './generic-edits.js'

/** What went wrong inside is told outside. */
export const rule: Rule = {
  title: 'The client is told what went wrong inside',
  severity: 'error',
  references: ['CWE-209', 'API8:2023'],
  *entry(traced) {
    const { entry, facts } = traced
    for (const fact of facts) {
      if (fact.fact !== 'answer') continue
      const leaked = originsOf(fact.body).find(
        (origin) =>
          origin.from === 'error' && (origin.name === '' || /(^|\.)(message|stack|cause|detail)$/.test(origin.name)),
      )
      if (leaked === undefined || isOwnKind(leaked, fact)) continue
      yield {
        at: fact,
        confidence: entry.kind === 'endpoint' ? 'high' : 'medium',
        message: `The answer carries ${leaked.name === '' ? 'a caught error' : `the ${leaked.name} of a caught error`}`,
        fix: 'Answer a sentence of your own, and log the error',
        trace: fact.via,
        edits: () => genericEdits(fact, traced),
      }
    }
  },
}

/** A class that somebody has named was made to be told, as far as anybody can see here; `Error` is what everything is. */
function isOwnKind(leaked: Origin, { known }: Fact): boolean {
  return [...known.values()].some(
    (condition) =>
      condition.is === 'error-kind' &&
      condition.source === leaked.source &&
      !/^(Error|TypeError|Exception)$/.test(condition.kind),
  )
}
