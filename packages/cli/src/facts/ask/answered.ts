import type { Fact, Origin, Value } from '../trace/model.js'
import { isTest } from '../trace/origin.js'
import { originsOf } from '../trace/value.js'

/** What of a query's rows is in a value: not whether there are any, which a value may tell without holding one. */
export function rowsIn(value: Value, query: object): Origin[] {
  return originsOf(value).filter((one) => one.from === 'row' && one.source === query && !isTest(one))
}

/** The answers that hold rows of a query. */
export function answersOf(query: object, facts: readonly Fact[]): Fact[] {
  return facts.filter((fact) => fact.fact === 'answer' && rowsIn(fact.body, query).length > 0)
}
