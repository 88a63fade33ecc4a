import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Described, FACTS, type TableFacts } from '../../schema/facts.js'
import type { Filter } from './filter.js'
import type { ListOptions, Paging } from './list-options.js'
import { MOST_ROWS, lastPage } from './numbered-rows.js'
import type { SortKey } from './page-rows.js'
import { filterNames, readFilter } from './read-filter.js'
import { assertComparable, readSort, sortKeys } from './read-sort.js'
import { isText, type Search, searchRefusal } from './search.js'

/** What any list asks of one table, checked. */
export interface Listed<Name extends string = string> {
  readonly table: Name
  readonly limit: number
  readonly sort: readonly SortKey[]
  readonly filter: Filter
  readonly search: Search | null
}

/** A checked page request for one table: what `query: listQuery(table)` gives, and what `page` takes. */
export interface ListQuery<Name extends string = string> extends Listed<Name> {
  /** A cursor as it came; it is read where the whole of the list is known. */
  readonly after: string | null
}

/** The same by number: what `listQuery(table, { pages: 'numbered' })` gives. */
export interface NumberedQuery<Name extends string = string> extends Listed<Name> {
  /** From 1 on. */
  readonly page: number
}

type QueryOf<Name extends string, Pages extends Paging> = Pages extends 'numbered'
  ? NumberedQuery<Name>
  : ListQuery<Name>

const RESERVED = ['limit', 'sort', 'after', 'page', 'search']

/**
 * The query string of a list: `?limit=20&after=<cursor>&sort=-dueAt&status=paid&dueAt[gte]=2026-01-01&search=acme`. What
 * isn't on the allow-list is refused, a misspelt filter too: ignoring it would answer with rows that were not asked for.
 * Throws at once on a column that the table has not, that is secret, or that can't be compared so.
 *
 * @example
 * const query = listQuery(invoices, { sort: ['dueAt'], filter: { dueAt: ['gte', 'lt'] }, search: ['number'] })
 * export const GET = endpoint({ query }, page(invoices))
 */
export function listQuery<Name extends string, Row, Pages extends Paging = 'cursor'>(
  table: Described<Name, Row>,
  options: ListOptions<Row, Pages> = {},
): StandardSchemaV1<unknown, QueryOf<Name, Pages>> {
  const facts = table[FACTS]
  const { pages = 'cursor' } = options
  if (pages !== 'cursor' && pages !== 'numbered') throw new TypeError("pages is 'cursor' or 'numbered'")
  const sorts = options.sort ?? []
  for (const key of sorts) assertComparable(facts, key)
  const filters = filterNames(facts, options.filter, RESERVED)
  const search = options.search ?? []
  for (const key of search) assertSearchable(facts, key)
  const limits = { usual: options.limit ?? 20, most: options.maxLimit ?? 100 }
  const order = orderOf(facts, options.order ?? `-${facts.idKey}`)
  const place = pages === 'cursor' ? 'after' : 'page'
  const offered = ['limit', place, 'sort', ...(search.length === 0 ? [] : ['search']), ...filters.shown]
  const known = new Set([...offered, ...filters.names.keys()])

  const validate = (value: unknown): StandardSchemaV1.Result<QueryOf<Name, Pages>> => {
    const issues: StandardSchemaV1.Issue[] = []
    const given = value as Record<string, unknown>
    if (Object.keys(given).some((key) => !known.has(key))) {
      issues.push({ message: `Only these are offered here: ${offered.join(', ')}`, path: [] })
    }
    const single = (key: string, path: readonly string[] = [key]): string | undefined => {
      const text = Object.hasOwn(given, key) ? given[key] : undefined
      if (text === undefined || typeof text === 'string') return text
      issues.push({ message: 'Give this once', path })
      return undefined
    }
    const limit = readNumber('limit', single('limit'), limits.usual, limits.most, issues)
    const listed: Listed<Name> = {
      table: facts.name as Name,
      limit,
      sort: readSort(single('sort'), sorts, order, issues),
      filter: readFilter(filters, single, issues),
      search: search.length === 0 ? null : readSearch(single('search'), search, issues),
    }
    const placed =
      pages === 'cursor'
        ? { after: single('after') ?? null }
        : { page: readNumber('page', single('page'), 1, lastPage(limit), issues, `the list ends at row ${MOST_ROWS}`) }
    return issues.length > 0 ? { issues } : { value: { ...listed, ...placed } as unknown as QueryOf<Name, Pages> }
  }
  const ordersBy = [...new Set([...sorts, ...order.map(({ key }) => key)])].filter((key) => key !== facts.idKey)
  return { '~standard': { version: 1, vendor: 'postern', validate }, lists: facts.name, ordersBy } as ListSchema<
    Name,
    QueryOf<Name, Pages>
  >
}

/** What a list is of, and the columns whose values a cursor holds; the key is in every cursor. */
export interface ListFacts {
  readonly lists: string
  readonly ordersBy: readonly string[]
}

type ListSchema<Name extends string, Query> = StandardSchemaV1<unknown, Query> & ListFacts & { readonly lists: Name }

/** The list that a schema asks for, `undefined` for any schema that `listQuery()` did not make. */
export function listOf(schema: StandardSchemaV1 | undefined): ListFacts | undefined {
  return schema?.['~standard'].vendor === 'postern' ? (schema as ListSchema<string, unknown>) : undefined
}

function orderOf(facts: TableFacts, text: string): readonly SortKey[] {
  assertComparable(facts, text.replace(/^-/, ''))
  return sortKeys(text, Object.keys(facts.columns))!
}

function assertSearchable(facts: TableFacts, key: string): void {
  assertComparable(facts, key)
  if (!isText(facts.columns[key]!))
    throw new TypeError(`${facts.name}.${key} is no text: a list can't be searched in it`)
}

function readNumber(
  name: string,
  text: string | undefined,
  usual: number,
  most: number,
  issues: StandardSchemaV1.Issue[],
  because?: string,
): number {
  if (text === undefined) return usual
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= most) return number
  const message = `Give a whole number from 1 to ${most}${because === undefined ? '' : `: ${because}`}`
  issues.push({ message, path: [name] })
  return usual
}

function readSearch(
  text: string | undefined,
  columns: readonly string[],
  issues: StandardSchemaV1.Issue[],
): Search | null {
  if (text === undefined) return null
  const message = searchRefusal(text)
  if (message === null) return { text, columns }
  issues.push({ message, path: ['search'] })
  return null
}
