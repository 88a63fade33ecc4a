import { problem } from '../../problems.js'
import type { TableFacts } from '../../schema/facts.js'
import type { Statement, StatementResult } from '../statement.js'
import { type Cells, flatRow } from './flat-row.js'
import { bindNamed } from './named-shapes.js'
import {
  type CompiledList,
  orderText,
  rowsConditions,
  type RowsOf,
  rowsShape,
  rowsValues,
  whereOf,
} from './page-rows.js'
import { PerShape, prepared } from './prepared.js'
import { quoted, type Shape } from './shape.js'

/** Where every numbered list ends: PostgreSQL reads all rows before a page, and counts them. */
export const MOST_ROWS = 10_000

/** A page by its number, from 1 on. */
export interface NumberedOf extends RowsOf {
  readonly limit: number
  readonly page: number
}

/** A numbered page, its rows as JSON text. */
export interface NumberedText {
  readonly data: string
  readonly page: number
  readonly pages: number
  readonly total: number | null
}

/** What asks PostgreSQL for a numbered page, and what makes its text of the answer. */
export interface NumberedRows {
  readonly statement: Statement
  readonly text: (result: StatementResult) => NumberedText
}

const compiled = new PerShape<CompiledList>()

/** The last page that can be asked for, at this many rows each. */
export function lastPage(limit: number): number {
  return Math.ceil(MOST_ROWS / limit)
}

/**
 * One page by its number and how many rows there are, in one statement. Neither the rows before it nor the count are ever
 * more than 10,000 rows of work. Throws the problem `invalid` for a page behind that.
 */
export function numberedRows(facts: TableFacts, asked: NumberedOf, shape: Shape = {}): NumberedRows {
  const { page, limit } = asked
  if (!Number.isInteger(page) || page < 1 || page > lastPage(limit)) {
    const message = `Give a whole number from 1 to ${lastPage(limit)}: the list ends at row ${MOST_ROWS}`
    throw problem('invalid', undefined, { errors: [{ path: 'query.page', message }] })
  }
  const key = JSON.stringify([rowsShape(asked), shape.columns, shape.with])
  const made = compiled.get(facts, key, () => compile(facts, asked, shape))
  const before = (page - 1) * limit
  const values = [Math.min(limit, MOST_ROWS - before), before, ...rowsValues(asked)]
  return {
    statement: bindNamed(facts, made.statement, values),
    text: ({ rows }) => numberedText(rows, asked, made),
  }
}

/** Where the page is empty there is one row, of the count alone: it has no key. */
function numberedText(
  rows: readonly Cells[],
  { page, limit }: NumberedOf,
  { toJson, cells }: CompiledList,
): NumberedText {
  const counted = Number(rows[0]![cells + 1])
  const shown = rows[0]![cells] === null ? [] : rows
  const pages = Math.ceil(Math.min(counted, MOST_ROWS) / limit)
  return { data: `[${shown.map(toJson).join(',')}]`, page, pages, total: counted > MOST_ROWS ? null : counted }
}

function compile(facts: TableFacts, asked: NumberedOf, shape: Shape): CompiledList {
  const { columns, joins, toJson } = flatRow(facts, 't', shape)
  const from = `from ${quoted(facts.name)} t${whereOf(rowsConditions(facts, asked, 3))}`
  const order = orderText(facts, asked.sort)
  const rows = `select * ${from} order by ${order} limit $1::int offset $2::int`
  const counted = `select count(*) as n from (select 1 ${from} limit ${MOST_ROWS + 1}) r`
  const selected = [...columns, `t.${quoted(facts.columns[facts.idKey]!.sqlName)}`, 'c.n'].join(', ')
  const text = `select ${selected} from (${counted}) c left join (${rows}) t on true${joins} order by ${order}`
  return { statement: prepared(text), toJson, cells: columns.length }
}
