import { unguardedWork } from '../facts/ask/unguarded-work.js'
import type { EntryPoint, Rule } from './rule.js'

/** The rule that one kind of what can be called asks who is calling before it works: what differs is how it is mended. */
export function unguardedRule(kind: EntryPoint['kind'], said: { readonly title: string; readonly fix: string }): Rule {
  return {
    title: said.title,
    severity: 'error',
    references: ['CWE-306', 'API2:2023'],
    *entry(traced, project) {
      const found = traced.entry.kind === kind ? unguardedWork(traced, project) : undefined
      if (found === undefined) return
      const { what, isShown, ...hit } = found
      yield {
        ...hit,
        confidence: isShown ? 'high' : 'medium',
        message: `${traced.entry.symbol} ${what}, and nothing has asked who is calling`,
        fix: said.fix,
      }
    },
  }
}
