import type { Rule } from '../rule.js'
import { removalEdits } from './removal-edits.js'

/** A comment that takes nothing away: whatever comes to its place next, it hides. */
export const rule: Rule = {
  title: 'A comment takes away what is not found, or says no reason',
  severity: 'warning',
  references: ['CWE-1164'],
  *comment(comment) {
    const { at, rule: id, hasReason } = comment
    yield {
      at,
      confidence: 'high',
      message: hasReason
        ? `This comment takes away ${id}, which is not found here`
        : `This comment takes ${id} away without a reason`,
      fix: hasReason ? 'Remove it' : `Say why, behind a colon: postern-ignore ${id}: the reason`,
      ...(hasReason ? { edits: () => removalEdits(comment) } : {}),
    }
  },
}
