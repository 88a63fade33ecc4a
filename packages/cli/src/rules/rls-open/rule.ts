import type { DatabaseFacts, PolicyFacts, TableFacts } from '../../facts/database-facts.js'
import { isStorageObjects } from '../../facts/sql/storage-objects.js'
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
  // A table that is created out of sight is nowhere: of its policies each stands for itself.
  const subjectAt = (at: Spot) =>
    ({ kind: 'table', symbol: nameOf(table), at: table.isCreatedHere ? table.at : at }) as const
  const isElsewhere = ({ policy }: Found) => table.isCreatedHere && policy.at.file.path !== table.at.file.path
  for (const one of found) {
    if (isElsewhere(one)) continue
    yield {
      at: one.policy.at,
      confidence: one.opening.confidence,
      message: sentenceOf(table, one),
      fix: one.opening.fix,
      subject: subjectAt(one.policy.at),
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
    subject: subjectAt(worst.policy.at),
    trace: elsewhere.map(({ policy }) => policy.at),
  }
}

const sentenceOf = (table: TableFacts, { policy, opening }: Found) =>
  `Policy “${policy.name}” on ${nameOf(table)} ${opening.says}`

/** Of the tables that Supabase brings along only the schema tells what they are. */
const nameOf = (table: TableFacts) => (isStorageObjects(table) ? 'storage.objects' : table.name)

function placeOf({ file, node }: Spot): string {
  const { line } = file.placeOf(node.start)
  return `${file.path}:${line}`
}
