import type { Finding } from '../finding.js'
import type { Terminal } from '../terminal.js'

/** The security checklist, and the rules that look whether a line of it holds. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['Authentication at the start of every endpoint', ['auth-missing', 'action-unauthenticated']],
  ['Schema validation of all input', ['input-unvalidated', 'parse-throws', 'mass-assignment', 'sql-injection']],
  ['Ownership on every resource', ['ownership-missing', 'rls-disabled', 'rls-open']],
  ['Generic errors to clients', ['error-leak', 'error-unhandled']],
  ['Details in logs', ['error-unlogged']],
  ['No secrets in code', ['secret-hardcoded', 'service-role-exposed']],
  ['Webhook signatures', ['webhook-unsigned', 'webhook-parsed-before-verify', 'webhook-not-idempotent']],
]

/** One line of it: passed, failed so often, or not looked at, where no rule of it was asked. */
export interface ChecklistLine {
  readonly line: string
  readonly verdict: 'pass' | 'fail' | 'not-checked'
  readonly findings: number
}

/** The seven lines. `asked` are the rules of this run. */
export function checklistOf(findings: readonly Finding[], asked: readonly string[]): ChecklistLine[] {
  return LINES.map(([line, rules]) => {
    const count = findings.filter(({ rule, confidence }) => rules.includes(rule) && confidence === 'high').length
    const isAsked = rules.some((rule) => asked.includes(rule))
    return { line, verdict: !isAsked ? 'not-checked' : count === 0 ? 'pass' : 'fail', findings: count }
  })
}

export function checklistText(lines: readonly ChecklistLine[], { paint }: Pick<Terminal, 'paint'>): string[] {
  return lines.map(({ line, verdict, findings }) => {
    if (verdict === 'pass') return `${paint('green', 'pass')}  ${line}`
    return verdict === 'fail'
      ? `${paint('red', 'fail')}  ${line}: ${findings}`
      : `${paint('dim', '  – ')}  ${line}: nothing looks for it yet`
  })
}
