import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ColumnFacts, type Described, FACTS, type TableFacts } from '../../schema/facts.js'
import type { PageOf, SortKey } from './page-rows.js'

/** A checked page request for one table: what `query: listQuery(table)` gives, and what `page` takes. */
export interface ListQuery<Name extends string = string> extends Omit<PageOf, 'after'> {
  readonly table: Name
  /** A cursor as it came; it is read where the whole of the list is known. */
  readonly after: string | null
}

export interface ListOptions<Row> {
  /** The columns a client may sort by: `?sort=dueAt`, `?sort=-dueAt`. Default: none. */
  readonly sort?: readonly (keyof Row & string)[]
  /** The columns a client may filter by equality: `?status=paid`. Default: none. */
  readonly filter?: readonly (keyof Row & string)[]
  /** The order where the client names none. Default: newest first. */
  readonly order?: `${'-' | ''}${keyof Row & string}`
  /** Rows a page where the client names no number. Default 20. */
  readonly limit?: number
  /** The most rows a client gets at once. Default 100. */
  readonly maxLimit?: number
}

const RESERVED = ['limit', 'after', 'sort']

/**
 * The query string of a list: `?limit=20&after=<cursor>&sort=-dueAt&status=paid`. What isn't on the allow-list is refused,
 * a misspelt filter too: ignoring it would answer with rows that were not asked for.
 * Throws at once on a column that the table has not, or that is secret.
 *
 * @example
 * export const GET = endpoint({ query: listQuery(invoices, { sort: ['dueAt'], filter: ['status'] }) }, page(invoices))
 */
export function listQuery<Name extends string, Row>(
  table: Described<Name, Row>,
  options: ListOptions<Row> = {},
): StandardSchemaV1<unknown, ListQuery<Name>> {
  const facts = table[FACTS]
  const allowed = { sort: allowList(facts, options.sort), filter: allowList(facts, options.filter) }
  const limits = { usual: options.limit ?? 20, most: options.maxLimit ?? 100 }
  const order = orderOf(facts, options.order ?? `-${facts.idKey}`)
  for (const key of allowed.filter) {
    if (RESERVED.includes(key))
      throw new TypeError(`A list can't filter by "${key}": the name is taken by the page itself`)
  }
  const validate = (value: unknown): StandardSchemaV1.Result<ListQuery<Name>> => {
    const issues: StandardSchemaV1.Issue[] = []
    const given = value as Record<string, unknown>
    const offered = [...RESERVED, ...allowed.filter]
    if (Object.keys(given).some((key) => !offered.includes(key))) {
      issues.push({ message: `Only these are offered here: ${offered.join(', ')}`, path: [] })
    }
    const single = (key: string): string | undefined => {
      const text = given[key]
      if (text === undefined || typeof text === 'string') return text
      issues.push({ message: 'Give this once', path: [key] })
      return undefined
    }
    const limit = readLimit(single('limit'), limits, issues)
    const sort = readSort(single('sort'), allowed.sort, order, issues)
    const filter = readFilter(facts, allowed.filter, single, issues)
    const after = single('after') ?? null
    return issues.length > 0 ? { issues } : { value: { table: facts.name as Name, limit, sort, filter, after } }
  }
  return { '~standard': { version: 1, vendor: 'postern', validate }, lists: facts.name } as ListSchema<Name>
}

type ListSchema<Name extends string> = StandardSchemaV1<unknown, ListQuery<Name>> & { readonly lists: Name }

/** The table whose list a schema asks for, `undefined` for any schema that `listQuery()` did not make. */
export function listedTable(schema: StandardSchemaV1 | undefined): string | undefined {
  return schema?.['~standard'].vendor === 'postern' ? (schema as ListSchema<string>).lists : undefined
}

function orderOf(facts: TableFacts, text: string): readonly SortKey[] {
  allowList(facts, [text.replace(/^-/, '')])
  return sortKeys(text, Object.keys(facts.columns))!
}

function allowList(facts: TableFacts, keys: readonly string[] = []): readonly string[] {
  for (const key of keys) {
    const column = facts.columns[key]
    if (column === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
    // Sorting or filtering by a secret tells its value, one comparison at a time.
    if (column.secret) throw new TypeError(`${facts.name}.${key} is secret: a list can't be sorted or filtered by it`)
  }
  return keys
}

function readLimit(
  text: string | undefined,
  { usual, most }: { usual: number; most: number },
  issues: StandardSchemaV1.Issue[],
): number {
  if (text === undefined) return usual
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= most) return limit
  issues.push({ message: `Give a whole number from 1 to ${most}`, path: ['limit'] })
  return usual
}

function readSort(
  text: string | undefined,
  allowed: readonly string[],
  order: readonly SortKey[],
  issues: StandardSchemaV1.Issue[],
): readonly SortKey[] {
  if (text === undefined) return order
  const keys = sortKeys(text, allowed)
  if (keys !== null) return keys
  const names =
    allowed.length === 0 ? 'This list has one order only' : `Sort by ${allowed.join(', ')}; -name turns it round`
  issues.push({ message: names, path: ['sort'] })
  return order
}

/** At most three keys, each once: every combination is a statement of its own. */
function sortKeys(text: string, allowed: readonly string[]): SortKey[] | null {
  const parts = text.split(',', 4)
  const keys = parts.map((part) => ({ key: part.replace(/^-/, ''), descending: part.startsWith('-') }))
  const isOffered =
    keys.every(({ key }) => allowed.includes(key)) && new Set(keys.map(({ key }) => key)).size === keys.length
  return parts.length <= 3 && isOffered ? keys : null
}

function readFilter(
  facts: TableFacts,
  allowed: readonly string[],
  single: (key: string) => string | undefined,
  issues: StandardSchemaV1.Issue[],
): Record<string, string> {
  const filter: Record<string, string> = {}
  for (const key of allowed) {
    const text = single(key)
    if (text === undefined) continue
    if (fits(facts.columns[key]!, text)) filter[key] = text
    else issues.push({ message: 'This is not a value of that field', path: [key] })
  }
  return filter
}

/** Whether a text can be a value of the column; what slips through is refused by PostgreSQL and answered as 400 too. */
function fits({ column }: ColumnFacts, text: string): boolean {
  if (text.length > 1000 || text.includes('\0')) return false
  if (column.enumValues !== undefined && column.enumValues.length > 0) return column.enumValues.includes(text)
  const type = column.getSQLType()
  if (/^(bigint|int|smallint)/.test(type)) return /^-?\d{1,19}$/.test(text)
  if (/^(numeric|real|double)/.test(type)) return /^-?\d{1,30}(\.\d{1,30})?$/.test(text)
  if (type === 'boolean') return text === 'true' || text === 'false'
  if (type === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  if (/^(timestamp|date)/.test(type)) return /^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))
  return true
}
