import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import { columnOf, pathOf } from './column-path.js'

/** How a column is compared. `ne` and `isNull` are the two that a NULL can pass: it is not equal to anything. */
export type Operator = 'eq' | 'ne' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'isNull'

/** What one column must be, as texts that PostgreSQL reads as the column's type. All of it must hold. */
export interface Conditions {
  readonly eq?: string
  /** Also rows that have no value. */
  readonly ne?: string
  readonly in?: readonly string[]
  readonly lt?: string
  readonly lte?: string
  readonly gt?: string
  readonly gte?: string
  readonly isNull?: boolean
}

/** A filter by column key; a text alone means that the column equals it. */
export type Filter = Readonly<Record<string, string | Conditions>>

type Condition = readonly [key: string, operator: Operator, value: string | readonly string[] | boolean]

/** The same filter is the same list, however it was written: equality spelled out, columns in another order. */
export function conditionsOf(filter: Filter): Condition[] {
  const conditions = Object.entries(filter).flatMap(([key, value]) => {
    const given = typeof value === 'string' ? { eq: value } : value
    return Object.entries(given).map(([operator, asked]) => [key, operator, asked] as Condition)
  })
  return conditions.sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
}

/** What of a filter is in the SQL, without the values: NULL or not has none, and a list is one, however long. */
export function filterShape(filter: Filter): unknown[] {
  return conditionsOf(filter).map(([key, operator, value]) => [key, operator, operator === 'isNull' && value])
}

export function filterValues(filter: Filter): (string | readonly string[])[] {
  return conditionsOf(filter).flatMap(([, , value]) => (typeof value === 'boolean' ? [] : [value]))
}

/** One SQL condition each, the values from `$first` on. */
export function filterTexts(facts: TableFacts, filter: Filter, first: number): string[] {
  let next = first
  return conditionsOf(filter).map(([key, operator, value]) => {
    const at = pathOf(columnOf(facts, key))
    if (operator === 'isNull') return `${at} is ${value === true ? '' : 'not '}null`
    if (operator === 'in') return `${at} = any($${next++})`
    const sign = SIGNS[operator]
    if (sign === undefined) throw new TypeError(`There is no filter operator ${String(operator)}`)
    return `${at} ${sign} $${next++}`
  })
}

const SIGNS: Readonly<Record<Exclude<Operator, 'in' | 'isNull'>, string>> = {
  eq: '=',
  ne: 'is distinct from',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
}

/** The operators that make sense for a column: no order among the words of an enum, no `isNull` where nothing is NULL. */
export function operatorsOf({ column }: ColumnFacts): readonly Operator[] {
  if (!isComparable({ column })) return []
  const hasOrder = column.getSQLType() !== 'boolean' && (column.enumValues ?? []).length === 0
  return [
    'eq',
    'ne',
    'in',
    ...(hasOrder ? (['lt', 'lte', 'gt', 'gte'] as const) : []),
    ...(column.notNull ? [] : (['isNull'] as const)),
  ]
}

/** Whether PostgreSQL can compare two values of the column: documents and shapes it can't. */
export function isComparable({ column }: Pick<ColumnFacts, 'column'>): boolean {
  return !/^(json|xml|point|line|lseg|box|path|polygon|circle|geometry|vector|halfvec|sparsevec)|\]$/.test(
    column.getSQLType(),
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
