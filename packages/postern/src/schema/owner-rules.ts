import { membershipRules, organizationRules } from './organization-rules.js'
import { CALLER, columnAt, EVERYONE, type OwnerRules, type Rule, type RuledTable, SIGNED_IN } from './rule-text.js'
import { throughRules } from './through-rules.js'

/**
 * The SQL of an owner rule, for policies and for the `owns` check alike: said in one place, so that they can't drift.
 * `at` is the alias under which the statement knows the table; a policy has none.
 */
export function ownerRulesOf(facts: RuledTable, at?: string): OwnerRules {
  const { read, write } = rulesByKind(facts, at)
  const deleted = facts.deletedKey === undefined ? undefined : facts.columns[facts.deletedKey]
  if (deleted === undefined) return { read, write }
  const there = isThere(columnAt(at, deleted.sqlName))
  const alive = (rule: Rule | null) => rule && { ...rule, using: `${there} and (${rule.using})` }
  return { read: alive(read), write: alive(write) }
}

function rulesByKind(facts: RuledTable, at?: string): OwnerRules {
  const { ownership } = facts
  if (ownership.kind === 'organization') return organizationRules(facts, ownership, at)
  if (ownership.kind === 'membership') return membershipRules(facts, ownership, at)
  if (ownership.kind === 'through') return throughRules(facts, ownership, at, ownerRulesOf)
  if (ownership.kind === 'unowned') {
    if (ownership.read === 'service') return { read: null, write: null }
    return { read: { to: ownership.read === 'anyone' ? EVERYONE : SIGNED_IN, using: 'true' }, write: null }
  }
  const owner = facts.columns[ownership.column]
  if (owner === undefined) throw new TypeError(`The owner column ${ownership.column} is not a column of the table`)
  const mine = { to: SIGNED_IN, using: `${columnAt(at, owner.sqlName)} = ${CALLER}` }
  if (ownership.read === 'anyone') return { read: { to: EVERYONE, using: 'true' }, write: mine }
  if (ownership.read === 'signed-in') return { read: { to: SIGNED_IN, using: 'true' }, write: mine }
  return { read: mine, write: mine }
}

/**
 * Soft deletion is a rule: a row that is marked is not there, to read or to bring back. The transaction that marks it still sees it, because
 * PostgreSQL wants the new version of an updated row to be readable too, and would refuse the mark itself.
 */
function isThere(deletedAt: string): string {
  return `(${deletedAt} is null or ${deletedAt} = now()::timestamptz(3))`
}
