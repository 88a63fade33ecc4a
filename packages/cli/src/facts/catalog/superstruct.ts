import type { Value } from '../trace/model.js'
import { memberOrigin } from '../trace/origin.js'
import { from, originsOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import type { Library, Meaning } from './library.js'
import { type Asking, isValid, PROBLEM, tellsWhetherValid, throwsUnlessValid } from './validation.js'

/** `assert(value, Struct)`, or `Struct.assert(value)`. */
function asking({ value, args: [given = UNKNOWN, other] }: LibraryCall): Asking {
  const own = { ...value, path: value.path.slice(0, -1) }
  const schema = own.path.some(({ args }) => args !== undefined) ? own : other
  return { library: 'superstruct', value: given, schema, isOpen: isOpen(schema) }
}

/** `object` refuses keys that it does not name, `type` keeps them. */
function isOpen(schema: Value | undefined): boolean | undefined {
  const made = schema?.kind === 'library' ? schema.path.findLast(({ args }) => args !== undefined) : undefined
  switch (made?.name) {
    case 'object':
      return made.args?.[0] === undefined
    case 'type':
    case 'record':
    case 'any':
    case 'unknown':
      return true
    case 'partial':
    case 'pick':
    case 'omit':
    case 'refine':
    case 'coerce':
    case 'defaulted':
      return isOpen(made.args?.[0])
    default:
      return undefined
  }
}

const throwing: Meaning = (call) => throwsUnlessValid(call, asking(call))

/** Only what the struct names is left. */
const masks: Meaning = (call) =>
  from(...originsOf(throwsUnlessValid(call, asking(call))).map((one) => memberOrigin(one, '#mask')))

const pair = (error: Value, value: Value): Value => ({ kind: 'list', items: [error, value], isWhole: true })

export const superstruct: Library = {
  packages: ['superstruct'],
  calls: {
    '**.assert()': throwing,
    '**.create()': throwing,
    '**.mask()': masks,
    '**.is()': (call) => isValid(call, asking(call)),
    '**.validate()': (call) =>
      tellsWhetherValid(call, asking(call), (value) => pair(UNDEFINED, value), pair(PROBLEM, UNDEFINED)),
  },
}
