import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import type { Statement, StatementResult } from '../statement.js'
import { jsonRow, quoted, type Shape } from './json-row.js'
import { bind, Compiled, prepared, type Prepared } from './prepared.js'

/** One sort key; the table's key always follows as the tie-breaker. */
export interface SortKey {
  readonly key: string
  readonly descending: boolean
}

/** A page of a list, in the terms of the database: everything in it has been checked against an allow-list. */
export interface PageOf {
  readonly limit: number
  readonly sort: readonly SortKey[]
  /** Equality, by column key. */
  readonly filter: Readonly<Record<string, string>>
  /** Where the previous page ended: the text of each sort key and of the id, `null` for NULL. */
  readonly after: readonly (string | null)[] | null
}

/** A page as JSON text, and where it ended if there is more. */
export interface PageText {
  readonly data: string
  readonly end: readonly (string | null)[] | null
}

const compiled = new WeakMap<TableFacts, Compiled<Prepared>>()

/**
 * One page, in one statement: keyset, so that the cost doesn't grow with the page number and rows that arrive meanwhile
 * shift nothing. NULLs come last in either direction.
 */
export function pageRows(facts: TableFacts, page: PageOf, shape: Shape = {}): Statement {
  const filtered = Object.keys(page.filter)
  const nulls = page.after?.map((value) => value === null)
  const cache = compiled.get(facts) ?? new Compiled<Prepared>()
  compiled.set(facts, cache)
  const key = JSON.stringify([page.sort, filtered, nulls, shape.columns, shape.with])
  const statement = cache.get(key, () => prepared(textOf(facts, page, shape)))
  const after = page.after?.filter((value) => value !== null) ?? []
  return bind(statement, [page.limit, ...Object.values(page.filter), ...after])
}

/** Reads what `pageRows` answers. */
export function pageText(result: StatementResult): PageText {
  const [data, end] = result.rows[0] ?? []
  return { data: data ?? '[]', end: end == null ? null : (JSON.parse(end) as (string | null)[]) }
}

function textOf(facts: TableFacts, page: PageOf, shape: Shape): string {
  const keys = sortColumns(facts, page.sort)
  const conditions = Object.keys(page.filter).map((key, index) => `${path(column(facts, key))} = $${index + 2}`)
  if (page.after !== null) conditions.push(afterCondition(keys, page.after, conditions.length + 2))
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  const order = keys.map(
    ({ at, descending, nullable }) => `${at}${descending ? ' desc' : ''}${nullable ? ' nulls last' : ''}`,
  )
  const end = `json_build_array(${keys.map(({ at }) => `${at}::text`).join(', ')})::text`
  const rows = `select * from ${quoted(facts.name)} t${where} order by ${order.join(', ')} limit $1::int + 1`
  const numbered = `select row_number() over () as n, ${jsonRow(facts, 't', shape)} as j, ${end} as e from (${rows}) t`
  return (
    `select '[' || coalesce(string_agg(p.j::text, ',' order by p.n) filter (where p.n <= $1::int), '') || ']', ` +
    `case when count(*) > $1::int then max(p.e) filter (where p.n = $1::int) end from (${numbered}) p`
  )
}

interface SortColumn {
  readonly at: string
  readonly descending: boolean
  readonly nullable: boolean
}

function sortColumns(facts: TableFacts, sort: readonly SortKey[]): SortColumn[] {
  const keys = sort.map(({ key, descending }) => {
    const { column: definition, ...rest } = column(facts, key)
    return { at: path(rest), descending, nullable: !definition.notNull }
  })
  if (sort.some(({ key }) => key === facts.idKey)) return keys
  const descending = sort.at(-1)?.descending ?? true
  return [...keys, { at: path(column(facts, facts.idKey)), descending, nullable: false }]
}

/**
 * "Behind the cursor". Where all keys run one way and none can be NULL it is one row comparison, which an index answers;
 * otherwise it is spelled out key by key: past this key, or equal in it and past the next.
 */
function afterCondition(keys: readonly SortColumn[], after: readonly (string | null)[], first: number): string {
  let next = first
  const places = after.map((value) => (value === null ? null : `$${next++}`))
  const oneWay = keys.every(({ descending, nullable }) => descending === keys[0]!.descending && !nullable)
  if (oneWay) {
    return `(${keys.map(({ at }) => at).join(', ')}) ${keys[0]!.descending ? '<' : '>'} (${places.join(', ')})`
  }
  return keys.reduceRight((rest, { at, descending, nullable }, index) => {
    const place = places[index] ?? null
    if (place === null) return rest === '' ? 'false' : `(${at} is null and ${rest})`
    const past = `${at} ${descending ? '<' : '>'} ${place}${nullable ? ` or ${at} is null` : ''}`
    return rest === '' ? `(${past})` : `(${past} or (${at} = ${place} and ${rest}))`
  }, '')
}

function column(facts: TableFacts, key: string): ColumnFacts {
  const found = facts.columns[key]
  if (found === undefined) throw new TypeError(`${facts.name} has no column ${key}`)
  return found
}

function path({ sqlName }: Pick<ColumnFacts, 'sqlName'>): string {
  return `t.${quoted(sqlName)}`
}
