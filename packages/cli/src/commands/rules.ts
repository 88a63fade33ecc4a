import type { Context } from '../project/context.js'
import { RULEBOOK } from '../rules/rulebook.js'
import { ruleNamed } from './check.js'

/** `postern rules`: the rulebook, a line each. */
export async function rules({ terminal }: Context, { json }: { readonly json?: boolean }): Promise<void> {
  if (json === true) {
    const all = RULEBOOK.map(({ id, why, rule: { title, severity, references } }) => ({
      id,
      title,
      severity,
      references,
      why,
    }))
    return terminal.print(JSON.stringify({ version: 1, rules: all }, null, 2))
  }
  const width = Math.max(...RULEBOOK.map(({ id }) => id.length))
  for (const { id, rule } of RULEBOOK) terminal.print(`${terminal.paint('bold', id.padEnd(width))}  ${rule.title}`)
}

/** `postern explain <id>`: why a rule is there, what it finds, and when it is wrong. */
export async function explainRule({ terminal }: Context, id: string): Promise<void> {
  const { markdown, rule } = ruleNamed(id)
  terminal.print(markdown.trimEnd())
  terminal.print(`\n${rule.severity} · ${rule.references.join(' · ')}`)
}
