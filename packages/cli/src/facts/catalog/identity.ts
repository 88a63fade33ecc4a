import type { ObjectValue, Value } from '../trace/model.js'
import { memberOrigin } from '../trace/origin.js'
import { either, from, isNullish, object, originsOf, UNDEFINED } from '../trace/value.js'

/** A field of whoever is calling. */
export function member(principal: Value, name: string): Value {
  return from(...originsOf(principal).map((one) => memberOrigin(one, name)))
}

/** The same of somebody, and nothing where it is nobody. */
export function orNobody(who: Value, shape: (principal: Value) => Value): Value {
  if (who.kind !== 'either') return shape(who)
  return either(who.cases.map((one) => ({ ...one, value: isNullish(one.value) ? UNDEFINED : shape(one.value) })))
}

/** An object that is there for everybody, in which nobody has no field. */
export function fieldsOf(who: Value, names: readonly string[]): ObjectValue {
  return object(Object.fromEntries(names.map((name) => [name, orNobody(who, (principal) => member(principal, name))])))
}
