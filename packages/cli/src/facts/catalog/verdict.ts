import type { Case, Value } from '../trace/model.js'
import { conditionsOf } from '../trace/truth.js'
import { either, isNullish, literal, object, truthOf, UNDEFINED } from '../trace/value.js'

/** Of a callback that says whether somebody may pass: truthy is yes, an answer is that answer. */
export function verdictOf(said: Value): Value {
  if (said.kind === 'object' && said.properties.has('status')) return said
  const truth = truthOf(said)
  const refused = object({ status: literal(307) })
  if (truth !== undefined) return truth ? UNDEFINED : refused
  if (
    said.kind === 'either' &&
    said.cases.some(({ value }) => value.kind === 'object' || truthOf(value) !== undefined || isNullish(value))
  )
    return either(
      said.cases.flatMap(({ value, given }): readonly Case[] => {
        const verdict = verdictOf(value)
        return verdict.kind === 'either'
          ? verdict.cases.map((one) => ({ ...one, given: [...given, ...one.given] }))
          : [{ value: verdict, given }]
      }),
    )
  const { holds, fails } = conditionsOf(said)
  return either([
    { value: UNDEFINED, given: holds },
    { value: refused, given: fails },
  ])
}

/** A request, with something more on it. */
export function withMember(request: Value, name: string, value: Value): Value {
  return { ...object({ [name]: value }), others: [request] }
}
