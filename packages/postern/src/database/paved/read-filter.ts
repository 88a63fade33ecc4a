import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ColumnFacts, TableFacts } from '../../schema/facts.js'
import { type Conditions, type Filter, type Operator, operatorsOf } from './filter.js'
import { assertComparable } from './read-sort.js'
import { readValue } from './read-value.js'

/** The most values of one `in`. */
const MOST_VALUES = 50

interface FilterName {
  readonly column: ColumnFacts
  readonly operator: Operator
}

/** What a query string may say to filter: its names, and those that are worth telling. */
export interface FilterNames {
  readonly names: ReadonlyMap<string, FilterName>
  readonly shown: readonly string[]
}

type Offered = readonly string[] | Readonly<Record<string, readonly Operator[] | undefined>>

/** Throws a `TypeError` on a column that the table has not or that is secret, and on an operator that it can't take. */
export function filterNames(facts: TableFacts, offered: Offered = [], reserved: readonly string[]): FilterNames {
  const entries: [string, readonly Operator[]][] = Array.isArray(offered)
    ? offered.map((key: string) => [key, ['eq']])
    : Object.entries(offered as Readonly<Record<string, readonly Operator[] | undefined>>).map(([key, operators]) => [
        key,
        operators ?? [],
      ])
  const names = new Map<string, FilterName>()
  const shown: string[] = []
  for (const [key, operators] of entries) {
    assertComparable(facts, key)
    if (reserved.includes(key))
      throw new TypeError(`A list can't filter by "${key}": the name is taken by the page itself`)
    const column = facts.columns[key]!
    const possible = operatorsOf(column)
    for (const operator of operators) {
      if (!possible.includes(operator))
        throw new TypeError(`${facts.name}.${key} takes ${possible.join(', ')} as a filter, and not ${operator}`)
      names.set(`${key}[${operator}]`, { column, operator })
      if (operator === 'eq') names.set(key, { column, operator })
      shown.push(operator === 'eq' ? key : `${key}[${operator}]`)
    }
  }
  return { names, shown }
}

export function readFilter(
  { names }: FilterNames,
  single: (name: string, path: readonly string[]) => string | undefined,
  issues: StandardSchemaV1.Issue[],
): Filter {
  const filter: Record<string, Record<string, unknown>> = {}
  for (const [name, { column, operator }] of names) {
    const path = name === column.key ? [name] : [column.key, operator]
    const text = single(name, path)
    if (text === undefined) continue
    const value = readOperand(column, operator, text)
    const conditions = (filter[column.key] ??= {})
    if (typeof value === 'object' && 'message' in value) issues.push({ message: value.message, path })
    else if (operator in conditions) issues.push({ message: 'Give this once', path })
    else conditions[operator] = value
  }
  return Object.fromEntries(Object.entries(filter).map(([key, conditions]) => [key, plain(conditions as Conditions)]))
}

function readOperand(
  column: ColumnFacts,
  operator: Operator,
  text: string,
): string | readonly string[] | boolean | { readonly message: string } {
  if (operator === 'isNull') return text === 'true' || text === 'false' ? text === 'true' : { message: 'true or false' }
  const texts = operator === 'in' ? text.split(',', MOST_VALUES + 1) : [text]
  if (texts.length > MOST_VALUES) return { message: `Give at most ${MOST_VALUES} values, with commas between` }
  const values = texts.map((one) => readValue(column, one)).filter((value) => value !== null)
  if (values.length < texts.length) return { message: 'This is not a value of that field' }
  return operator === 'in' ? values : values[0]!
}

/** Equality alone is a text: what a function reads as `query.filter.status`. */
function plain(conditions: Conditions): string | Conditions {
  const { eq, ...rest } = conditions
  return eq !== undefined && Object.keys(rest).length === 0 ? eq : conditions
}
