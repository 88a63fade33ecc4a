import type { DatabaseFacts, PolicyFacts, TableFacts } from '../../facts/database-facts.js'
import type { Spot } from '../../facts/trace/model.js'
import type { Hit, Rule } from '../rule.js'
import { type Opening, openingOf } from './opening.js'

/** A policy that lets through what it was written to hold back. */
export const rule: Rule = {
  title: 'A policy is open to rows that are not the caller’s',
  severity: 'error',
  references: ['CWE-863', 'CWE-639', 'API1:2023'],
  *project({ databases }) {
    for (const database of databases) {
      for (const table of database.tables) {
        const found = table.policies.flatMap((policy) => {
          const opening = openingOf(policy, table, database)
          return opening === undefined ? [] : { policy, opening }
        })
        // Without row-level security no policy counts, and another rule says so.
        if (table.rowSecurity === 'off' && table.isCreatedHere) continue
        yield* hitsOf(table, found, database)
      }
    }
  },
}

interface Found {
  readonly policy: PolicyFacts
  readonly opening: Opening
}

/**
 * A policy is told where it stands. Those that other migrations than the table's own gave it are told at the table, all in one,
 * because what is to be mended is what the table ended up with.
 */
function* hitsOf(table: TableFacts, found: readonly Found[], database: DatabaseFacts): Generator<Hit> {
  const subject = { kind: 'table', symbol: table.name, at: table.at } as const
  const isElsewhere = ({ policy }: Found) => table.isCreatedHere && policy.at.file.path !== table.at.file.path
  for (const one of found) {
    if (isElsewhere(one)) continue
    yield {
      at: one.policy.at,
      confidence: one.opening.confidence,
      message: sentenceOf(table, one),
      fix: one.opening.fix,
      subject,
    }
  }
  const elsewhere = found.filter(isElsewhere)
  const worst = elsewhere.find(({ opening }) => opening.confidence === 'high') ?? elsewhere[0]
  if (worst === undefined) return
  const others = elsewhere.length === 1 ? '' : `, and ${elsewhere.length - 1} more of its policies like it`
  yield {
    at: table.at,
    // Scripts that lie about may not have run in the order of their names.
    confidence: database.isOrdered ? worst.opening.confidence : 'medium',
    message: `${sentenceOf(table, worst)} (${placeOf(worst.policy.at)})${others}`,
    fix: worst.opening.fix,
    subject,
    trace: elsewhere.map(({ policy }) => policy.at),
  }
}

const sentenceOf = ({ name }: TableFacts, { policy, opening }: Found) =>
  `Policy “${policy.name}” on ${name} ${opening.says}`

function placeOf({ file, node }: Spot): string {
  const { line } = file.placeOf(node.start)
  return `${file.path}:${line}`
}
