import type { TableFacts } from './facts.js'
import type { ThroughOwner } from './owner.js'
import { referenceOf } from './references.js'
import { columnAt, type OwnerRules, type PrincipalRole, type Rule, type RuledTable, type RulesOf } from './rule-text.js'

/**
 * Rows that are whose their parents are: to be read, every parent must be readable; to be written, every parent must be
 * *writable*. The parent's rule is spelled out for both. Reaching the parent through its own policies would only ever ask
 * whether it may be read, and let anyone who sees a shared parent write its children.
 */
export function throughRules(
  facts: RuledTable,
  owner: ThroughOwner,
  at: string | undefined,
  rulesOf: RulesOf,
): OwnerRules {
  refuseCircle(facts, [])
  const parents = owner.parents.map((parent) => parent())
  const allOf = (kind: 'read' | 'write') => both(parents.map((parent) => viaParent(facts, parent, at, kind, rulesOf)))
  return { read: allOf('read'), write: allOf('write') }
}

/** Somebody must own a row in the end: what is owned through itself is nobody's. */
function refuseCircle({ name, ownership }: RuledTable, below: readonly string[]): void {
  if (below.includes(name)) {
    throw new TypeError(
      `table('${name}') is owned through itself (${[...below, name].join(' → ')}): give one of them an owner of its own`,
    )
  }
  if (ownership.kind === 'through') for (const parent of ownership.parents) refuseCircle(parent(), [...below, name])
}

function both(rules: readonly (Rule | null)[]): Rule | null {
  const all = rules.filter((rule) => rule !== null)
  if (all.length < rules.length) return null
  const to = all.reduce<readonly PrincipalRole[]>(
    (roles, rule) => roles.filter((role) => rule.to.includes(role)),
    all[0]!.to,
  )
  return { to, using: all.map(({ using }) => using).join(' and ') }
}

function viaParent(
  facts: RuledTable,
  parent: TableFacts,
  at: string | undefined,
  kind: 'read' | 'write',
  rulesOf: RulesOf,
): Rule | null {
  // A name of its own at every level: a parent of a parent must not be taken for the parent.
  const alias = `"via_${parent.name}"`
  const rule = rulesOf(parent, alias)[kind]
  if (rule === null) return null
  const on = `${alias}."${parent.columns[parent.idKey]!.sqlName}" = ${columnAt(at ?? `"${facts.name}"`, referenceTo(facts, parent))}`
  return { to: rule.to, using: `exists (select 1 from "${parent.name}" ${alias} where ${on} and (${rule.using}))` }
}

/** The column by which a row hangs on its parent: exactly one, or it would not be clear whose the row is. */
function referenceTo(facts: Pick<RuledTable, 'name' | 'columns'>, parent: TableFacts): string {
  const columns = Object.values(facts.columns).filter(({ column }) => referenceOf(column)?.target() === parent)
  if (columns.length !== 1) {
    throw new TypeError(
      `table('${facts.name}') is owned through ${parent.name}: it needs exactly one references(${parent.name}), not ${columns.length}`,
    )
  }
  if (!columns[0]!.column.notNull) {
    throw new TypeError(`table('${facts.name}') is owned through ${parent.name}: that reference can't be optional`)
  }
  return columns[0]!.sqlName
}
