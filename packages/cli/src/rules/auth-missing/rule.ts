import { unguardedWork } from '../../facts/ask/unguarded-work.js'
import type { Rule } from '../rule.js'

/** An endpoint that works for anybody. */
export const rule: Rule = {
  title: 'An endpoint does its work for anybody',
  severity: 'error',
  references: ['CWE-306', 'API2:2023'],
  *entry(traced) {
    const found = traced.entry.kind === 'endpoint' ? unguardedWork(traced) : undefined
    if (found === undefined) return
    const { what, isShown, ...hit } = found
    yield {
      ...hit,
      confidence: isShown ? 'high' : 'medium',
      message: `${traced.entry.symbol} ${what}, and nothing has asked who is calling`,
      fix: 'Ask for the session first, and answer 401 where there is none',
    }
  },
}
