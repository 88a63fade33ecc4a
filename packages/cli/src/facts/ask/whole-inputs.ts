import type { InputOrigin, ObjectValue, Value } from '../trace/model.js'

/** Keys under which a statement takes an object of columns again: MongoDB's operator, Prisma's nested writes. */
const NESTED = new Set(['$set', 'create', 'update'])

/**
 * What of the request is in a row as a whole, so that its keys are the client's to choose: the row itself, or what was spread into
 * it. A value that stands under a name of its own is no such thing.
 */
export function wholeInputs(data: Value): InputOrigin[] {
  switch (data.kind) {
    case 'unknown':
      return data.origins.filter((one): one is InputOrigin => one.from === 'input' && isObject(one))
    case 'object':
      return [...data.others.flatMap(wholeInputs), ...nested(data)]
    case 'list':
      return data.items.flatMap(wholeInputs)
    case 'either':
      return data.cases.flatMap(({ value }) => wholeInputs(value))
    default:
      return []
  }
}

/** `{ profile: { update: body.profile } }`. */
function nested({ properties }: ObjectValue): InputOrigin[] {
  return [...properties].flatMap(([name, value]) =>
    NESTED.has(name) ? wholeInputs(value) : value.kind === 'object' ? nested(value) : [],
  )
}

/** What was looked up by a key that is not known may have been looked up by one that was allowed: `row[key] = body[key]`. */
function isObject({ part, name }: InputOrigin): boolean {
  return (part === 'body' || part === 'argument' || part === 'query') && !/(?:^|\.)[*#]/.test(name)
}
