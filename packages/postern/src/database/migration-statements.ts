import type { Connection } from './connections.js'
import { MigrationError, type MigrationFile, NO_TRANSACTION } from './migration-files.js'
import { run } from './migration-journal.js'
import { splitStatements, type FileStatement } from './split-statements.js'

const TRANSACTION_WORDS = /^(?:begin|start\s+transaction|commit|end|rollback|abort|prepare\s+transaction)\b(?!\s+to\b)/i

/** A file's statements. Throws a `MigrationError` where one of them begins or ends a transaction. */
export function statementsOf(file: MigrationFile): FileStatement[] {
  const statements = splitStatements(file.sql)
  const ends = statements.find((statement) => TRANSACTION_WORDS.test(statement.text))
  if (ends === undefined) return statements
  const hint = 'A migration runs in one transaction of its own: take that statement out'
  throw new MigrationError(`migrations/${file.file}:${ends.line} begins or ends a transaction`, hint)
}

/** The one statement of a file without a transaction: of two, the first would stay when the second fails. */
export function onlyStatementOf(file: MigrationFile, statements: readonly FileStatement[]): FileStatement {
  const [only, second] = statements
  if (only !== undefined && second === undefined) return only
  const holds = only === undefined ? 'holds no statement' : `holds ${statements.length} statements`
  const hint = 'Exactly one: what fails half-way could not be taken back. Give each a file of its own'
  throw new MigrationError(`migrations/${file.file} says "${NO_TRANSACTION}" and ${holds}`, hint)
}

export async function runMigrationStatement(
  connection: Connection,
  file: MigrationFile,
  statement: FileStatement,
): Promise<void> {
  try {
    await run(connection, statement.text)
  } catch (error) {
    const refused = (error as { code?: unknown }).code === '25001'
    const hint = refused
      ? `Put it alone into a migration whose first line is: ${NO_TRANSACTION}`
      : 'Nothing of this migration was applied: correct the file and run `postern migrate up` again'
    throw failure(file, statement, error, hint)
  }
}

/** Runs it by itself, and looks for what it may have left half-made: an index that PostgreSQL does not use. */
export async function runWithoutTransaction(
  connection: Connection,
  file: MigrationFile,
  statement: FileStatement,
): Promise<void> {
  let failed: unknown
  await run(connection, statement.text).catch((error: unknown) => (failed = error))
  const left = await invalidIndexes(connection, statement.text).catch(() => [])
  if (failed === undefined && left.length === 0) return
  const hint =
    left.length > 0
      ? `It left the index ${left.join(', ')} invalid: say drop index concurrently ${left[0]}, and run \`postern migrate up\` again`
      : 'It ran without a transaction: look what it left behind, correct the file and run `postern migrate up` again'
  throw failure(file, statement, failed ?? new Error('the index is invalid'), hint)
}

/** Only those that the statement names: another's broken index is another's business. */
async function invalidIndexes(connection: Connection, text: string): Promise<string[]> {
  const { rows } = await run(
    connection,
    `select c.oid::regclass::text, c.relname from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       where not i.indisvalid order by 1`,
  )
  return rows.flatMap(([name, word]) => (name && word && text.includes(word) ? [name] : []))
}

function failure(file: MigrationFile, statement: FileStatement, error: unknown, hint: string): MigrationError {
  const { message, position } = error as { message: string; position?: string | number }
  const inside = statement.text.slice(0, Number(position ?? 1) - 1).split('\n').length - 1
  const place = `migrations/${file.file}:${statement.line + inside}`
  return new MigrationError(`${place} failed: ${message} (in: ${beginningOf(statement.text)})`, hint, { cause: error })
}

/** Enough of a statement to know it by, on one line. */
function beginningOf(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
