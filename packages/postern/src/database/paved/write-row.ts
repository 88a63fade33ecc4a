import { is, SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import { ownerColumnOf } from '../../schema/owner.js'
import { problem } from '../../problems.js'
import type { Identity } from '../identity.js'
import type { Statement } from '../statement.js'
import { bindNamed } from './named-shapes.js'
import { bind, PerShape, prepared, type Prepared } from './prepared.js'
import { type CompiledRow, rowColumns, type RowStatement } from './row-columns.js'
import { matchShape, matchValues, type RowMatch, versionAt, whereRow } from './row-match.js'
import { quoted, type Shape } from './shape.js'

/** What is written, by the keys of TypeScript. */
export type Values = Readonly<Record<string, unknown>>

/** A parent that must be owned for the row to be attached: its table, and the column that points at it. */
export interface Parent {
  readonly facts: TableFacts
  readonly match: RowMatch
  readonly key: string
}

/** Which columns of the written row are answered. */
type Shown = Pick<Shape, 'columns'>

const compiled = new PerShape<CompiledRow>()
const deletions = new PerShape<Prepared>()

/** Inserts one row and answers it. With a parent, it answers no row where the parent isn't the caller's own. */
export function insertRow(
  facts: TableFacts,
  values: Values,
  shown: Shown = {},
  parent?: Parent,
  asService = false,
): RowStatement {
  const columns = given(facts, values, asService).filter((column) => column.key !== parent?.key)
  const from = parent === undefined ? [] : [parent.facts.name, parent.key, matchShape(parent.match)]
  const key = JSON.stringify(['insert', keysOf(columns), shown, ...from])
  const before = parent === undefined ? [] : matchValues(parent.match)
  const make = () => compileInsert(facts, columns, shown, parent)
  const written = columns.map((column) => toDriver(column, values))
  return bindBrief(facts, compiled.get(facts, key, make), [...before, ...written])
}

/**
 * A new row of an organization goes to the one that the caller works in, so there must be one. Throws the problem `invalid`
 * where the request names none: the client can mend that, and a column that is NULL would only say that something is missing.
 */
export function assertOrganization({ ownership }: TableFacts, { role, organization }: Identity): void {
  if (ownership.kind !== 'organization' || role === 'service_role' || organization !== undefined) return
  const errors = [{ path: 'headers.x-organization-id', message: 'Say in which organization: give its id' }]
  throw problem('invalid', undefined, { errors })
}

/** Changes one row and answers it; no row where the caller may not write it, or it has another version. */
export function updateRow(
  facts: TableFacts,
  match: RowMatch,
  values: Values,
  shown: Shown = {},
  asService = false,
): RowStatement {
  const columns = given(facts, values, asService)
  const key = JSON.stringify(['update', keysOf(columns), shown, matchShape(match)])
  const make = () => compileUpdate(facts, columns, match, shown)
  const written = columns.map((column) => toDriver(column, values))
  return bindBrief(facts, compiled.get(facts, key, make), [...matchValues(match), ...written])
}

/** Deletes one row; the count says whether there was one that the caller may delete, of a version that was asked for. */
export function deleteRow(facts: TableFacts, match: RowMatch): Statement {
  const make = () => prepared(`${deletionOf(facts)} where ${whereRow(facts, 't', match)}`)
  const statement = bind(deletions.get(facts, JSON.stringify(matchShape(match)), make), matchValues(match))
  // What is deleted for good may take any number of rows along.
  return facts.deletedKey === undefined ? statement : { ...statement, isBrief: true }
}

function bindBrief(facts: TableFacts, { statement, read }: CompiledRow, values: readonly unknown[]): RowStatement {
  return { statement: { ...bindNamed(facts, statement, values), isBrief: true }, read }
}

/** Where deletion is soft, a row is marked once: one that is marked already is not there to be deleted. */
function deletionOf(facts: TableFacts): string {
  const { name, columns, deletedKey, versionKey } = facts
  if (deletedKey === undefined) return `delete from ${quoted(name)} t`
  const sets = [`${quoted(columns[deletedKey]!.sqlName)} = now()`, ...(versionKey === undefined ? [] : [raised(facts)])]
  return `update ${quoted(name)} t set ${sets.join(', ')}`
}

/**
 * Only what the table lets a client write gets through: an id, an owner, a version or an unknown key in the values is left out, not
 * refused, because a schema that passes unknown keys on must not turn them into a failure. The service says the owner.
 */
function given(facts: TableFacts, values: Values, asService: boolean): ColumnFacts[] {
  const { ownership } = facts
  const owner = asService ? ownerColumnOf(ownership) : undefined
  return Object.values(facts.columns).filter(
    ({ key, writable }) => (writable || key === owner) && Object.hasOwn(values, key) && values[key] !== undefined,
  )
}

function compileInsert(facts: TableFacts, columns: readonly ColumnFacts[], shown: Shown, parent?: Parent): CompiledRow {
  const returned = rowColumns(facts, 't', shown)
  const text = `${insertText(facts, columns, parent)} returning ${returned.columns}`
  return { statement: prepared(text), read: returned.read }
}

function insertText(facts: TableFacts, columns: readonly ColumnFacts[], parent?: Parent): string {
  const into = `insert into ${quoted(facts.name)} as t`
  if (parent === undefined) {
    if (columns.length === 0) return `${into} default values`
    return `${into} (${sqlNames(columns)}) values (${placeholders(columns, 0)})`
  }
  const id = quoted(parent.facts.columns[parent.facts.idKey]!.sqlName)
  const lock = `select p.${id} from ${quoted(parent.facts.name)} p where ${whereRow(parent.facts, 'p', parent.match)} for no key update`
  const first = matchValues(parent.match).length + 1
  const casts = columns.map((column, index) => `$${index + first}::${column.column.getSQLType()}`)
  const names = [quoted(facts.columns[parent.key]!.sqlName), ...columns.map(({ sqlName }) => quoted(sqlName))].join(
    ', ',
  )
  return `with parent as (${lock}) ${into} (${names}) select ${[`parent.${id}`, ...casts].join(', ')} from parent`
}

function compileUpdate(facts: TableFacts, columns: readonly ColumnFacts[], match: RowMatch, shown: Shown): CompiledRow {
  const returned = rowColumns(facts, 't', shown)
  const text = `${updateText(facts, columns, match)} returning ${returned.columns}`
  return { statement: prepared(text), read: returned.read }
}

function updateText(facts: TableFacts, columns: readonly ColumnFacts[], match: RowMatch): string {
  const first = matchValues(match).length + 1
  const sets = columns.map(({ sqlName }, index) => `${quoted(sqlName)} = $${index + first}`)
  for (const column of Object.values(facts.columns)) {
    if (column.key === facts.versionKey) sets.push(raised(facts))
    else if (column.column.onUpdateFn !== undefined && !columns.includes(column)) sets.push(onUpdate(column))
  }
  if (sets.length === 0) sets.push(unchanged(facts))
  const where = whereRow(facts, 't', match)
  return `update ${quoted(facts.name)} t set ${sets.join(', ')} where ${where}`
}

/** One more than the row has by then: PostgreSQL reads it anew where another update came first. */
function raised(facts: TableFacts): string {
  return `${quoted(facts.columns[facts.versionKey!]!.sqlName)} = ${versionAt(facts, 't')} + 1`
}

/** Nothing to set is still a question: may the caller write this row? */
function unchanged(facts: TableFacts): string {
  const column = Object.values(facts.columns).find(({ key }) => key !== facts.idKey)
  if (column === undefined) throw new TypeError(`${facts.name} has nothing but a key: there is nothing to update`)
  return `${quoted(column.sqlName)} = t.${quoted(column.sqlName)}`
}

function onUpdate({ column, sqlName }: ColumnFacts): string {
  const value: unknown = column.onUpdateFn!()
  if (!is(value, SQL))
    throw new TypeError(`$onUpdate of ${sqlName} must give SQL, so that it can be part of a prepared statement`)
  return `${quoted(sqlName)} = ${new PgDialect().sqlToQuery(value).sql}`
}

/** An instant may come as a `Date` or as the text that a schema let through: PostgreSQL judges the text. */
function toDriver({ key, column, shows }: ColumnFacts, values: Values): unknown {
  const value = values[key]
  if (value === null || (shows === 'instant' && typeof value === 'string')) return value
  return column.mapToDriverValue(value)
}

function keysOf(columns: readonly ColumnFacts[]): string[] {
  return columns.map(({ key }) => key)
}

function sqlNames(columns: readonly ColumnFacts[]): string {
  return columns.map(({ sqlName }) => quoted(sqlName)).join(', ')
}

function placeholders(columns: readonly ColumnFacts[], offset: number): string {
  return columns.map((_, index) => `$${index + 1 + offset}`).join(', ')
}
