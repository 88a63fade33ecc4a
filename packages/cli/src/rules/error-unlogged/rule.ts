import { isReported } from '../../facts/ask/error-handlers.js'
import type { EntryPoint } from '../../facts/entry/entry-point.js'
import type { AnswerFact, Fact } from '../../facts/trace/model.js'
import type { Rule } from '../rule.js'
import { logEdits } from './log-edits.js'

/** An error that nobody will ever hear of. */
export const rule: Rule = {
  title: 'A caught error is neither logged nor thrown on',
  severity: 'warning',
  references: ['CWE-778', 'API8:2023'],
  *entry({ entry, facts, catches, isFollowed }, project) {
    if (answersUnheard(entry, facts) && !isReported(project)) {
      yield {
        at: entry.spot,
        confidence: isFollowed ? 'high' : 'medium',
        message: 'What goes wrong in the routes is answered here, and neither logged nor passed on',
        fix: 'Log the error with what is needed to find it again',
      }
    }
    for (const caught of catches) {
      if (caught.file !== entry.spot.file) continue
      const isWork = caught.tried.some(({ fact }) => fact === 'query' || fact === 'outside')
      if (!isWork || caught.throwsOn || caught.facts.some(({ fact }) => fact === 'log' || fact === 'throw')) continue
      yield {
        at: caught,
        confidence: isFollowed ? 'high' : 'medium',
        message: 'What goes wrong with the work in this try is neither logged nor thrown on',
        fix: 'Log the error with what is needed to find it again',
        edits: () => logEdits(caught),
      }
    }
  },
}

/** Of Elysia's handlers each looks at the code of what happened, which is not followed, and what they leave Elysia answers. */
const answersUnheard = ({ answersErrors, framework }: EntryPoint, facts: readonly Fact[]) =>
  answersErrors === 'all' && framework !== 'elysia' && facts.some(isOfServer) && !facts.some(isHeard)

const isHeard = ({ fact }: Fact) => fact === 'log' || fact === 'throw' || fact === 'outside'

/** Not for mistakes of the client's, nor for errors of a kind that was made to be told. */
const isOfServer = (fact: Fact) => fact.fact === 'answer' && !isOfClient(fact) && !isOfKind(fact)

function isOfClient({ status }: AnswerFact): boolean {
  return status.kind === 'literal' && Number(status.value) >= 400 && Number(status.value) < 500
}

const isOfKind = ({ known }: Fact) =>
  [...known.values()].some((condition) => condition.is === 'error-kind' && condition.kind !== 'Error')
