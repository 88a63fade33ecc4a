import { lossesOf, refuseUnsaidLosses, withWarnings } from './drops.js'
import { isRowSecuritySwitch } from './guards.js'
import { quietly } from './quietly.js'
import { applyRenames } from './renames.js'
import { COLLECTIONS, type Snapshot, TABLE_PARTS } from './snapshot.js'
import { releaseChangedTypes, withCasts } from './type-changes.js'

/** What a person has said about things that are gone: renamed, or dropped for good. */
export interface Answers {
  /** `table.old:new` or `old:new` */
  readonly renames: readonly string[]
  /** `table` or `table.column` */
  readonly drops: readonly string[]
}

export interface Difference {
  readonly statements: readonly string[]
  /** The older picture under its new names: what else is written by comparison starts from here. */
  readonly renamed: Snapshot
}

/**
 * The SQL that leads from one picture to the other. drizzle-kit would ask at the terminal whether a column was renamed;
 * here the answers come first and an open question is an error, so that it never waits and never guesses away data.
 */
export async function differenceSql(before: Snapshot, after: Snapshot, answers: Answers): Promise<Difference> {
  const start = structuredClone(before)
  const renames = applyRenames(start, after, answers.renames)
  const losses = lossesOf(start, after)
  refuseUnsaidLosses(losses, answers.drops)
  // Two steps, first what goes and then what comes: with nothing both gone and new, drizzle-kit has nothing to ask.
  const kept = intersection(start, after)
  const changed = releaseChangedTypes(kept, after)
  const kit = await import('drizzle-kit/api')
  const generateMigration = kit.generateMigration as unknown as (from: Snapshot, to: Snapshot) => Promise<string[]>
  const [gone, come] = await quietly(async () => [
    await generateMigration(start, kept),
    await generateMigration(kept, after),
  ])
  const ordered = inWorkingOrder([...(gone ?? []), ...withCasts(come ?? [], changed)])
  return { statements: [...renames, ...withWarnings(ordered, losses)], renamed: start }
}

/**
 * A foreign key needs the UNIQUE it points at, which drizzle-kit may write after it; a column goes only when no
 * policy reads it any more, and changes its type only before a policy reads it again.
 */
function inWorkingOrder(statements: readonly string[]): string[] {
  return statements.filter((statement) => !isRowSecuritySwitch(statement)).sort((a, b) => rank(a) - rank(b))
}

function rank(statement: string): number {
  if (statement.startsWith('CREATE POLICY ')) return 3
  if (/^ALTER TABLE .* DROP COLUMN /s.test(statement)) return 2
  return / FOREIGN KEY \(/.test(statement) ? 1 : 0
}

function intersection(before: Snapshot, after: Snapshot): Snapshot {
  const kept = structuredClone(before)
  for (const collection of [...COLLECTIONS, 'tables'] as const) keepOnly(kept[collection], after[collection])
  for (const [key, table] of Object.entries(kept.tables)) {
    const other = after.tables[key]
    if (other !== undefined) for (const part of TABLE_PARTS) keepOnly(table[part], other[part])
  }
  return kept
}

function keepOnly(collection: Record<string, unknown>, wanted: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(collection)) if (!(key in wanted)) delete collection[key]
}
