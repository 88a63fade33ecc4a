import type { InputPart, Value } from '../trace/model.js'
import { originsOf } from '../trace/value.js'

/** What a client writes by hand. */
const PARTS = new Set<InputPart>(['body', 'argument', 'query', 'params', 'url'])

/** Whether a value is the client's word, all of it: what the server puts beside it makes it an answer, or a row. */
export function isSent(value: Value): boolean {
  const inner = partsOf(value)?.filter(({ kind }) => kind !== 'literal')
  if (inner !== undefined) return inner.length > 0 && inner.every(isSent)
  const origins = originsOf(value)
  return origins.length > 0 && origins.every((one) => one.from === 'input' && PARTS.has(one.part))
}

function partsOf(value: Value): readonly Value[] | undefined {
  switch (value.kind) {
    case 'object':
      return [...value.properties.values(), ...value.others]
    case 'list':
      return value.items
    case 'text':
      return value.parts
    case 'either':
      return value.cases.map((one) => one.value)
    default:
      return undefined
  }
}
