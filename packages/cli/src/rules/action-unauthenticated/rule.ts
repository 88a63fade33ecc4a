import { unguardedWork } from '../../facts/ask/unguarded-work.js'
import type { Rule } from '../rule.js'

/** A server action is an endpoint that looks like a function: whoever has its id can call it. */
export const rule: Rule = {
  title: 'A server action does its work for anybody',
  severity: 'error',
  references: ['CWE-306', 'API2:2023'],
  *entry(traced) {
    const found = traced.entry.kind === 'action' ? unguardedWork(traced) : undefined
    if (found === undefined) return
    const { what, isShown, ...hit } = found
    yield {
      ...hit,
      confidence: isShown ? 'high' : 'medium',
      message: `${traced.entry.symbol} ${what}, and nothing has asked who is calling`,
      fix: 'Ask for the session inside the action: the page that shows its form guards nothing',
    }
  },
}
