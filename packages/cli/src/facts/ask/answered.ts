import type { Fact, Origin, Value } from '../trace/model.js'
import { isOneItem, isTest } from '../trace/origin.js'
import { originsOf } from '../trace/value.js'

/** What of a query's rows is in a value: not whether there are any, which a value may tell without holding one. */
export function rowsIn(value: Value, query: object): Origin[] {
  return originsOf(value).filter((one) => one.from === 'row' && one.source === query && !isTest(one))
}

/** The answers that hold rows of a query. */
export function answersOf(query: object, facts: readonly Fact[]): Fact[] {
  return facts.filter((fact) => fact.fact === 'answer' && rowsIn(fact.body, query).length > 0)
}

/** Whether a value holds a query's rows as a list: one of them, picked out of it (`rows.find(…)`), is none. */
export function listsRows(value: Value, query: object): boolean {
  switch (value.kind) {
    case 'object':
      return [...value.properties.values(), ...value.others].some((one) => listsRows(one, query))
    case 'either':
      return value.cases.some((one) => listsRows(one.value, query))
    case 'list':
      return rowsIn(value, query).length > 0
    default:
      return rowsIn(value, query).some((one) => !isOneItem(one))
  }
}
