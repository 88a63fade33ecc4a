import { UsageError } from '../errors.js'
import { nameOf, quoted, quotedTable, type Snapshot, type SnapshotTable } from './snapshot.js'

/** A table or column that is gone, and what may have taken its place. */
interface Loss {
  /** As `--drop` names it. */
  readonly name: string
  readonly what: 'table' | 'column'
  /** How the statement begins that drops it. */
  readonly statement: string
  readonly refusal: UsageError
}

/** Everything that would go with its data. */
export function lossesOf(before: Snapshot, after: Snapshot): Loss[] {
  const fresh = Object.keys(after.tables).find((key) => !(key in before.tables))
  return Object.entries(before.tables).flatMap(([key, table]) => {
    const other = after.tables[key]
    return other === undefined
      ? [lostTable(table, fresh === undefined ? undefined : after.tables[fresh])]
      : lostColumns(table, other)
  })
}

/** Refuses what nobody has named: neither data nor a name goes by a guess. */
export function refuseUnsaidLosses(losses: readonly Loss[], drops: readonly string[]): void {
  const useless = drops.find((drop) => !losses.some(({ name }) => name === drop))
  if (useless !== undefined) {
    const hint = 'Name a table or table.column, as in SQL, that the last migration has and the schema has not'
    throw new UsageError(`--drop ${useless} fits nothing that is gone`, hint)
  }
  const unsaid = losses.find(({ name }) => !drops.includes(name))
  if (unsaid !== undefined) throw unsaid.refusal
}

/** Says above each statement that drops something what goes with it: this file is read before it is applied. */
export function withWarnings(statements: readonly string[], losses: readonly Loss[]): string[] {
  return statements.map((statement) => {
    const loss = losses.find((one) => statement.startsWith(one.statement))
    if (loss === undefined) return statement
    return `-- The ${loss.what} ${loss.name} goes, with ${CONTENTS[loss.what]}.\n${statement}`
  })
}

const CONTENTS = { table: 'all its rows', column: 'every value in it' } as const

function lostTable(table: SnapshotTable, fresh: SnapshotTable | undefined): Loss {
  const name = nameOf(table)
  const refusal =
    fresh === undefined
      ? new UsageError(`The table ${name} is gone, with all its rows`, `Say --drop ${name} if they shall go`)
      : new UsageError(
          `The table ${name} is gone and ${nameOf(fresh)} is new, and that may be a rename`,
          `Say --rename ${name}:${nameOf(fresh)}, or --drop ${name} if its rows shall go`,
        )
  return { name, what: 'table', statement: `DROP TABLE ${quotedTable(table)}`, refusal }
}

function lostColumns(table: SnapshotTable, after: SnapshotTable): Loss[] {
  const fresh = Object.keys(after.columns).find((column) => !(column in table.columns))
  const gone = Object.keys(table.columns).filter((column) => !(column in after.columns))
  return gone.map((column) => {
    const name = `${nameOf(table)}.${column}`
    const refusal =
      fresh === undefined
        ? new UsageError(
            `In ${nameOf(table)} the column ${column} is gone, with every value in it`,
            `Say --drop ${name} if they shall go`,
          )
        : new UsageError(
            `In ${nameOf(table)} the column ${column} is gone and ${fresh} is new, and that may be a rename`,
            `Say --rename ${name}:${fresh}, or --drop ${name} if its values shall go`,
          )
    const statement = `ALTER TABLE ${quotedTable(table)} DROP COLUMN ${quoted(column)}`
    return { name, what: 'column', statement, refusal }
  })
}
