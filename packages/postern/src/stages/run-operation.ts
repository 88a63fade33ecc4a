import type { Call, Outcome } from '../call.js'
import { problemOfDatabaseError } from '../database/errors.js'
import { pageAt, toCursor } from '../database/paved/cursor.js'
import type { ListQuery, NumberedQuery } from '../database/paved/list-query.js'
import { numberedRows, numberedText } from '../database/paved/numbered-rows.js'
import type { Shape } from '../database/paved/json-row.js'
import { pageRows, pageText } from '../database/paved/page-rows.js'
import type { RowMatch } from '../database/paved/row-match.js'
import { selectRow } from '../database/paved/select-row.js'
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

/** A paved operation: ownership and statement in one round trip, and PostgreSQL's own JSON passed on as it is. */
export async function runOperation(call: Call, unit: Unit, plan: OperationPlan): Promise<Outcome> {
  if (plan.kind === 'page') return runPage(call, unit, plan)
  if (plan.kind === 'remove') {
    const { facts, match } = target(call)
    const removed = await unit.run(call.identity, deleteRow(facts, match))
    if (removed.rowCount !== 1) throw problem('not-found')
    return { kind: 'empty' }
  }
  if (plan.kind === 'create') assertOrganization(plan.facts, call.identity)
  const json = onlyText(await unit.run(call.identity, statementOf(call, plan)))
  const checked = await allowedJson(call.plan, json)
  if (plan.kind !== 'create') return { kind: 'json', json: checked, created: false }
  const id = (JSON.parse(json) as Record<string, unknown>)[plan.facts.idKey]
  return { kind: 'json', json: checked, created: true, id: typeof id === 'string' ? id : undefined }
}

function statementOf(call: Call, plan: Extract<OperationPlan, { kind: 'row' | 'create' | 'update' }>): Statement {
  const columns = call.plan.columns?.keys
  const body = call.input.body as Values
  if (plan.kind === 'create') return insertRow(plan.facts, body, { columns }, parentOf(call, plan))
  const { facts, match } = target(call)
  if (plan.kind === 'update') return updateRow(facts, match, body, { columns })
  const demand = call.plan.ownership?.demand === 'owns' ? 'own' : 'see'
  return selectRow(facts, match, demand, { ...plan.shape, columns })
}

async function runPage(call: Call, unit: Unit, plan: Extract<OperationPlan, { kind: 'page' }>): Promise<Outcome> {
  const { facts } = plan
  const query = call.input.query as ListQuery | NumberedQuery
  const parent = plan.under === undefined ? undefined : target(call)
  const hung = parent === undefined ? {} : { [facts.relations[plan.under!]!.key]: parent.match.id }
  const list = { ...query, filter: { ...query.filter, ...hung } }
  const shape: Shape = { ...plan.shape, columns: call.plan.columns?.keys }
  const page = 'page' in list ? numberedRows(facts, list, shape) : pageRows(facts, pageAt(facts.name, list), shape)
  const statements = [...(parent === undefined ? [] : [seen(call, parent)]), page]
  const results = await unit.runAll(call.identity, statements).catch(refuseMisfit)
  if (parent !== undefined) onlyText(results[0])
  const answer = 'page' in list ? numberedJson(results.at(-1)!, list) : pageJson(results.at(-1)!, list)
  return { kind: 'json', json: await allowedJson(call.plan, answer), created: false }
}

function pageJson(result: StatementResult, list: ListQuery): string {
  const { data, end } = pageText(result)
  return `{"data":${data},"next":${JSON.stringify(end === null ? null : toCursor(list, end))}}`
}

function numberedJson(result: StatementResult, list: NumberedQuery): string {
  const { data, page, pages, total } = numberedText(result, list)
  return `{"data":${data},"page":${page},"pages":${pages},"total":${total}}`
}

/** Whether the parent of a list may be read at all: another's invoice has no empty list of payments, it has none. */
function seen({ plan }: Call, { facts, match }: Target): Statement {
  return selectRow(facts, match, plan.ownership?.demand === 'owns' ? 'own' : 'see', { columns: [facts.idKey] })
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

function parentOf(call: Call, { facts, under }: Extract<OperationPlan, { kind: 'create' }>): Parent | undefined {
  return under === undefined ? undefined : { ...target(call), key: facts.relations[under]!.key }
}

function onlyText(result: StatementResult | undefined): string {
  const text = result?.rows[0]?.[0]
  if (text == null) throw problem('not-found')
  return text
}
