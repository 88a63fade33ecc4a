import { problem } from '../../problems.js'
import type { TableFacts } from '../../schema/facts.js'
import type { Statement, StatementResult } from '../statement.js'
import { jsonRow, quoted, type Shape } from './json-row.js'
import { bindNamed } from './named-shapes.js'
import { orderText, rowsConditions, type RowsOf, rowsShape, rowsValues, whereOf } from './page-rows.js'
import { PerShape, prepared, type Prepared } from './prepared.js'

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

const compiled = new PerShape<Prepared>()

/** The last page that can be asked for, at this many rows each. */
export function lastPage(limit: number): number {
  return Math.ceil(MOST_ROWS / limit)
}

/**
 * One page by its number and how many rows there are, in one statement. Neither the rows before it nor the count are ever
 * more than 10,000 rows of work. Throws the problem `invalid` for a page behind that.
 */
export function numberedRows(facts: TableFacts, asked: NumberedOf, shape: Shape = {}): Statement {
  const { page, limit } = asked
  if (!Number.isInteger(page) || page < 1 || page > lastPage(limit)) {
    const message = `Give a whole number from 1 to ${lastPage(limit)}: the list ends at row ${MOST_ROWS}`
    throw problem('invalid', undefined, { errors: [{ path: 'query.page', message }] })
  }
  const key = JSON.stringify([rowsShape(asked), shape.columns, shape.with])
  const statement = compiled.get(facts, key, () => prepared(textOf(facts, asked, shape)))
  const before = (page - 1) * limit
  return bindNamed(facts, statement, [Math.min(limit, MOST_ROWS - before), before, ...rowsValues(asked)])
}

/** Reads what `numberedRows` answers. */
export function numberedText(result: StatementResult, { page, limit }: NumberedOf): NumberedText {
  const [data, counted] = result.rows[0] ?? []
  const rows = Number(counted ?? 0)
  const pages = Math.ceil(Math.min(rows, MOST_ROWS) / limit)
  return { data: data ?? '[]', page, pages, total: rows > MOST_ROWS ? null : rows }
}

function textOf(facts: TableFacts, asked: NumberedOf, shape: Shape): string {
  const from = `from ${quoted(facts.name)} t${whereOf(rowsConditions(facts, asked, 3))}`
  const rows = `select * ${from} order by ${orderText(facts, asked.sort)} limit $1::int offset $2::int`
  const numbered = `select row_number() over () as n, ${jsonRow(facts, 't', shape)} as j from (${rows}) t`
  return (
    `select (select '[' || coalesce(string_agg(p.j::text, ',' order by p.n), '') || ']' from (${numbered}) p), ` +
    `(select count(*) from (select 1 ${from} limit ${MOST_ROWS + 1}) c)`
  )
}
