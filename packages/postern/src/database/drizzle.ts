import { TransactionRollbackError } from 'drizzle-orm/errors'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { PgTransactionConfig } from 'drizzle-orm/pg-core'
import { type Client, types as postgresTypes } from 'pg'
import type { Statement, StatementResult } from './statement.js'

/** How a Drizzle handle reaches the database. */
export interface Runner {
  run(statement: Statement): Promise<StatementResult>
  /** All that `work` runs through its runner stands or falls together. */
  transaction<T>(work: (runner: Runner) => Promise<T>, config: PgTransactionConfig | undefined): Promise<T>
}

/**
 * An ordinary Drizzle database whose statements go through `runner`: it decides as whom they run and in which transaction.
 * BEGIN and COMMIT are never sent as text, so no handle can end a transaction that is another's.
 */
export function drizzleOver<S extends Record<string, unknown>>(schema: S, runner: Runner): NodePgDatabase<S> {
  const db = drizzle(clientOver(runner) as unknown as Client, { schema })
  const transaction = (work: (tx: unknown) => Promise<unknown>, config?: PgTransactionConfig) =>
    runner.transaction((inner) => work(transactionOver(schema, inner)), config)
  return Object.assign(db, { transaction: transaction as typeof db.transaction })
}

/**
 * The same handle, whose statements go through another runner. Drizzle's builders take the session of the handle they were
 * asked from, so what follows can be told apart by where it was asked for, at the price of two objects.
 */
export function reroute<S extends Record<string, unknown>>(db: NodePgDatabase<S>, runner: Runner): NodePgDatabase<S> {
  const { session } = db as NodePgDatabase<S> & { readonly session: object }
  const own = { session: { value: Object.create(session, { client: { value: clientOver(runner) } }) as object } }
  const relational = () =>
    Object.fromEntries(Object.entries(db.query).map(([name, table]) => [name, Object.create(table as object, own)]))
  return Object.create(db, { ...own, query: { get: relational } }) as NodePgDatabase<S>
}

function clientOver(runner: Runner) {
  return { query: (config: string | QueryConfig, values?: unknown[]) => query(runner, config, values) }
}

/** What `transaction()` hands out: a database that can also take everything back. */
function transactionOver<S extends Record<string, unknown>>(
  schema: S,
  runner: Runner,
): NodePgDatabase<S> & { rollback(): never } {
  return Object.assign(drizzleOver(schema, runner), {
    rollback(): never {
      throw new TransactionRollbackError()
    },
  })
}

/** The part of node-postgres' query config that Drizzle uses. */
interface QueryConfig {
  readonly text: string
  readonly name?: string
  readonly values?: unknown[]
  readonly rowMode?: 'array'
  readonly types?: { getTypeParser(oid: number, format: 'text'): (text: string) => unknown }
}

async function query(runner: Runner, config: string | QueryConfig, values?: unknown[]): Promise<object> {
  const {
    text,
    name,
    rowMode,
    types = postgresTypes,
    ...rest
  }: QueryConfig = typeof config === 'string' ? { text: config } : config
  const statement = {
    text,
    values: values ?? rest.values ?? [],
    ...(name === undefined ? {} : { name: `${name}.${fingerprint(text)}` }),
  }
  const { command, rowCount, fields, rows } = await runner.run(statement)
  const parsers = fields.map(({ dataTypeID }) => types.getTypeParser(dataTypeID, 'text'))
  const parsed = rows.map((row) => row.map((value, index) => (value === null ? null : parsers[index]!(value))))
  return { command, rowCount, fields, rows: rowMode === 'array' ? parsed : parsed.map((row) => toObject(fields, row)) }
}

/**
 * Two versions of a program may give one name to two texts, and behind a pooler they share sessions: one would run the other's
 * statement. FNV-1a: against accidents, not against intent.
 */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}

function toObject(fields: StatementResult['fields'], row: readonly unknown[]): object {
  return Object.fromEntries(fields.map(({ name }, index) => [name, row[index]]))
}
