import type { Rule } from '../rule.js'
import { logEdits } from './log-edits.js'

/** An error that nobody will ever hear of. */
export const rule: Rule = {
  title: 'A caught error is neither logged nor thrown on',
  severity: 'warning',
  references: ['CWE-778', 'API8:2023'],
  *entry({ entry, catches, isFollowed }) {
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
