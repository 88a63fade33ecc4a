import type { ColumnFacts, DatabaseFacts, TableFacts } from '../../facts/database-facts.js'
import type { Confidence, Hit, Rule } from '../rule.js'
import { moneyOf } from './money.js'

/** A key that runs out, a time that does not know its zone, money that does not add up. */
export const rule: Rule = {
  title: 'A column has a type that will not hold what it is for',
  severity: 'warning',
  references: ['CWE-190', 'CWE-681', 'CWE-682'],
  *project({ databases }) {
    for (const database of databases) {
      for (const table of database.tables) {
        yield* keyHits(table, database)
        yield* instantHits(table, database)
        yield* moneyHits(table, database)
      }
    }
  },
}

/** A key that refers to another table is as wide as that one's: it is told there. */
function* keyHits(table: TableFacts, { dialect }: DatabaseFacts): Generator<Hit> {
  if (table.isSingleRow || table.key.length !== 1) return
  const column = table.columns.find(({ name }) => name === table.key[0])
  if (column === undefined || column.references !== null || (column.type !== 'int32' && column.type !== 'int16')) return
  // A number that nobody counts up may be given from outside: a year, a postal code.
  const isSurrogate = column.isCounted || /^(?:.*_)?(?:id|.*Id)$/i.test(column.name)
  if (column.type === 'int16' && !column.isCounted) return
  const confidence = isSurrogate && dialect !== 'unknown' ? 'high' : 'medium'
  yield hit(table, [column], confidence, {
    message: `Key \`${column.name}\` of ${table.name} is ${column.written}: it ends at ${column.type === 'int32' ? '2,147,483,647' : '32,767'} rows`,
    fix: `Make it bigint generated always as identity, or uuid; columns that refer to it too`,
  })
}

function* instantHits(table: TableFacts, { dialect }: DatabaseFacts): Generator<Hit> {
  const columns = table.columns.filter(({ type }) => type === 'local-time')
  const [first] = columns
  if (first === undefined) return
  yield hit(table, columns, dialect === 'unknown' ? 'medium' : 'high', {
    message: `${named(columns)} of ${table.name} ${columns.length === 1 ? 'is' : 'are'} ${first.written} without time zone: what instant is meant depends on each session`,
    fix: fixOf(first),
  })
}

function fixOf({ written }: ColumnFacts): string {
  if (written.startsWith('DateTime')) return 'Add @db.Timestamptz(3)'
  return "Make it timestamptz (`timestamp(…, { withTimezone: true })` in Drizzle), converting `using … at time zone 'UTC'`"
}

function* moneyHits(table: TableFacts, { dialect }: DatabaseFacts): Generator<Hit> {
  const sure = (column: ColumnFacts): Confidence =>
    moneyOf(column.name, table) === 'sure' && dialect !== 'sqlite' && dialect !== 'mongodb' ? 'high' : 'medium'
  const columns = table.columns.filter((column) => column.type === 'float' && moneyOf(column.name, table) !== 'no')
  const first = columns.find((column) => sure(column) === 'high') ?? columns[0]
  if (first === undefined) return
  yield hit(table, columns, sure(first), {
    message: `${named(columns)} of ${table.name} ${columns.length === 1 ? 'is' : 'are'} ${first.written}: sums of money will be off by fractions`,
    fix: 'Make it numeric(19,4) (Decimal in Prisma), or a whole number of the smallest unit',
  })
}

/** A table is told at its head, once for each kind of slip, however many of its columns share it: one migration mends them. */
function hit(
  table: TableFacts,
  columns: readonly ColumnFacts[],
  confidence: Confidence,
  said: Pick<Hit, 'message' | 'fix'>,
): Hit {
  return {
    at: table.at,
    confidence,
    ...said,
    subject: { kind: 'table', symbol: table.name, at: table.at },
    trace: columns.map(({ at }) => at),
  }
}

const MOST_NAMES = 4

function named(columns: readonly ColumnFacts[]): string {
  const names = columns.slice(0, MOST_NAMES).map(({ name }) => `\`${name}\``)
  const others = columns.length - names.length
  return others > 0 ? `${names.join(', ')} and ${others} more` : names.join(', ')
}
