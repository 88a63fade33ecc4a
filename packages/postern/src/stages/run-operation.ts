import type { Call, Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { pageAt, toCursor } from '../database/paved/cursor.js'
import type { ListQuery, NumberedQuery } from '../database/paved/list-query.js'
import { numberedRows, type NumberedText } from '../database/paved/numbered-rows.js'
import type { Shape } from '../database/paved/shape.js'
import { pageRows, type PageText } from '../database/paved/page-rows.js'
import type { RowStatement, RowText } from '../database/paved/row-columns.js'
import type { RowMatch } from '../database/paved/row-match.js'
import { type Demand, selectRow } from '../database/paved/select-row.js'
import {
  assertOrganization,
  deleteRow,
  insertRow,
  type Parent,
  updateRow,
  type Values,
} from '../database/paved/write-row.js'
import type { Statement, StatementResult } from '../database/statement.js'
import type { Unit } from '../database/unit.js'
import type { OperationPlan } from '../operations.js'
import { problem } from '../problems.js'
import type { TableFacts } from '../schema/facts.js'
import { rowNamed } from './own.js'
import { allowedJson } from './respond-with.js'
import { isKnownVersion } from './version-asked.js'

/** A paved operation: ownership and statement in one round trip, and the row's text passed on as it is. */
export async function runOperation(call: Call, unit: Unit, plan: OperationPlan): Promise<Outcome> {
  if (plan.kind === 'page') return runPage(call, unit, plan)
  if (plan.kind === 'remove') {
    const { facts, match } = toChange(call)
    await runChange(call, unit, deleteRow(facts, match))
    return { kind: 'empty' }
  }
  if (plan.kind === 'create') assertOrganization(plan.facts, call.identity)
  const { json, version, id } = await runOnRow(call, unit, plan)
  if (plan.kind === 'row' && version !== undefined && isWhole(plan.shape) && isKnownVersion(call.request, version))
    return { kind: 'unchanged', version }
  const checked = call.plan.response === null ? json : await allowedJson(call.plan, json)
  if (plan.kind !== 'create') return { kind: 'json', json: checked, created: false, version }
  const shown = call.plan.columns?.keys
  const isShown = shown === undefined || shown.includes(plan.facts.idKey)
  return { kind: 'json', json: checked, created: true, id: isShown ? id : undefined, version }
}

async function runOnRow(
  call: Call,
  unit: Unit,
  plan: Extract<OperationPlan, { kind: 'row' | 'create' | 'update' }>,
): Promise<RowText> {
  const { statement, read } = onRow(call, plan)
  const isChange = plan.kind === 'update'
  return found(read(isChange ? await runChange(call, unit, statement) : await unit.run(call.identity, statement)))
}

function onRow(call: Call, plan: Extract<OperationPlan, { kind: 'row' | 'create' | 'update' }>): RowStatement {
  const columns = call.plan.columns?.keys
  if (plan.kind === 'create') return insertRow(plan.facts, valuesOf(call), { columns }, parentOf(call, plan))
  if (plan.kind === 'update') {
    const { facts, match } = toChange(call)
    return updateRow(facts, match, valuesOf(call), { columns })
  }
  const { facts, match } = target(call)
  const demand = call.plan.ownership?.demand === 'owns' ? 'own' : 'see'
  return selectRow(facts, match, demand, { ...plan.shape, columns })
}

/** The path's row, of a version that `If-Match` names. */
function toChange(call: Call): Target {
  const { facts, match } = target(call)
  const versions = versionsAsked(call)
  return versions === undefined ? { facts, match } : { facts, match: { ...match, versions } }
}

function versionsAsked({ ifMatch }: Call): readonly string[] | undefined {
  return ifMatch === null || ifMatch === '*' ? undefined : ifMatch
}

/**
 * A change of the path's row. Where `If-Match` names versions, they are part of its WHERE, which PostgreSQL asks again of
 * the row as another change has left it: of two with one version, one passes. Whether the other has come too late or was
 * never the caller's to make is asked behind it, in the same round trip. A statement of its own sees what that change has
 * waited for; inside the same statement the question would still see the row as it was before.
 */
async function runChange(call: Call, unit: Unit, change: Statement): Promise<StatementResult> {
  const { facts, match } = target(call)
  const isVersioned = versionsAsked(call) !== undefined
  const statements = isVersioned ? [change, keyOf(facts, match, 'own')] : [change]
  const [changed, own] = await unit.runAll(call.identity, statements)
  if (changed!.rowCount === 1) return changed!
  throw problem(own === undefined || own.rows.length === 0 ? 'not-found' : 'precondition-failed')
}

/** Asks for nothing but whether there is such a row. */
function keyOf(facts: TableFacts, match: RowMatch, demand: Demand): Statement {
  return selectRow(facts, match, demand, { columns: [facts.idKey] }).statement
}

/**
 * Whether the row is all that is answered. Related rows change without it: its version still says what an `If-Match` is
 * compared with, and no longer that nothing has changed. So the `ETag` is sent, and no 304 ever is.
 */
function isWhole({ with: along = {} }: Shape): boolean {
  return Object.values(along).every((asked) => asked === undefined)
}

async function runPage(call: Call, unit: Unit, plan: Extract<OperationPlan, { kind: 'page' }>): Promise<Outcome> {
  const { facts } = plan
  const query = call.input.query as ListQuery | NumberedQuery
  const parent = plan.under === undefined ? undefined : target(call)
  const hung = parent === undefined ? {} : { [facts.relations[plan.under!]!.key]: parent.match.id }
  const list = { ...query, filter: { ...query.filter, ...hung } }
  const shape: Shape = { ...plan.shape, columns: call.plan.columns?.keys }
  const { statement, json } = 'page' in list ? numbered(facts, list, shape) : keyset(facts, list, shape)
  const statements = [...(parent === undefined ? [] : [seen(call, parent)]), statement]
  const results = await unit.runAll(call.identity, statements).catch(refuseMisfit)
  if (parent !== undefined && results[0]!.rows.length === 0) throw problem('not-found')
  return { kind: 'json', json: await allowedJson(call.plan, json(results.at(-1)!)), created: false }
}

/** What asks for a page, and the answer that is made of it. */
interface Listing {
  readonly statement: Statement
  readonly json: (result: StatementResult) => string
}

function keyset(facts: TableFacts, list: ListQuery, shape: Shape): Listing {
  const { statement, text } = pageRows(facts, pageAt(facts.name, list), shape)
  return { statement, json: (result) => keysetJson(text(result), list) }
}

function keysetJson({ data, end }: PageText, list: ListQuery): string {
  return `{"data":${data},"next":${JSON.stringify(end === null ? null : toCursor(list, end))}}`
}

function numbered(facts: TableFacts, list: NumberedQuery, shape: Shape): Listing {
  const { statement, text } = numberedRows(facts, list, shape)
  return { statement, json: (result) => numberedJson(text(result)) }
}

function numberedJson({ data, page, pages, total }: NumberedText): string {
  return `{"data":${data},"page":${page},"pages":${pages},"total":${total}}`
}

/** Whether the parent of a list may be read at all: another's invoice has no empty list of payments, it has none. */
function seen({ plan }: Call, { facts, match }: Target): Statement {
  return keyOf(facts, match, plan.ownership?.demand === 'owns' ? 'own' : 'see')
}

/** A filter or cursor that got past the allow-list and is no value of its column is the request's fault. */
function refuseMisfit(error: unknown): never {
  if (problemOfDatabaseError(error)?.code !== 'unprocessable') throw error
  const errors = [{ path: 'query', message: 'A value does not fit its field' }]
  throw problem('invalid', undefined, { errors, cause: error })
}

interface Target {
  readonly facts: TableFacts
  readonly match: RowMatch
}

function target({ plan, params }: Call): Target {
  if (plan.ownership?.by !== 'table') throw new TypeError('This operation needs owns or sees with a table')
  return { facts: plan.ownership.facts, match: rowNamed(plan.ownership, params) }
}

/** What is written: not what only says which row is meant. */
function valuesOf({ plan, input }: Call): Values {
  if (plan.kind === 'endpoint') return input.body as Values
  if (plan.ownership?.by !== 'table') return input.input as Values
  const { [plan.ownership.param]: _, ...values } = input.input as Values
  return values
}

function parentOf(call: Call, { facts, under }: Extract<OperationPlan, { kind: 'create' }>): Parent | undefined {
  return under === undefined ? undefined : { ...target(call), key: facts.relations[under]!.key }
}

function found(row: RowText | undefined): RowText {
  if (row === undefined) throw problem('not-found')
  return row
}
