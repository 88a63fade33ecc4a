import type { Value } from '../trace/model.js'
import { truthOf } from '../trace/value.js'
import { propertyOf } from './library.js'

/** Whether keys pass that a JSON Schema does not name: they do, unless `additionalProperties` is false. */
export function isOpenJsonSchema(schema: Value | undefined): boolean | undefined {
  if (schema?.kind === 'library') return isOpenTypebox(schema)
  if (schema?.kind !== 'object' || schema.others.length > 0) return undefined
  const additional = schema.properties.get('additionalProperties')
  if (additional !== undefined) return truthOf(additional) === false ? false : undefined
  const isPlain = [...schema.properties.keys()].every((key) => PLAIN.has(key))
  return schema.properties.has('properties') && isPlain ? true : undefined
}

const PLAIN = new Set(['$id', '$schema', 'title', 'description', 'type', 'properties', 'required', 'minProperties'])

/** TypeBox writes the same: `Type.Object(fields, { additionalProperties: false })`. */
function isOpenTypebox({ path }: Value & { kind: 'library' }): boolean | undefined {
  const made = path.findLast(({ args }) => args !== undefined)
  const [first, options] = made?.args ?? []
  const additional = propertyOf(options, 'additionalProperties')
  switch (made?.name) {
    case 'Object':
      return additional === undefined ? true : truthOf(additional) === false ? false : undefined
    case 'Partial':
    case 'Required':
    case 'Pick':
    case 'Omit':
      return additional === undefined ? isOpenJsonSchema(first) : truthOf(additional) === false ? false : undefined
    case 'Record':
    case 'Any':
    case 'Unknown':
      return true
    default:
      return undefined
  }
}
