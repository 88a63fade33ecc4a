import type { Value } from '../trace/model.js'
import { truthOf, UNDEFINED, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { type Asking, errorBeside, throwsUnlessValid } from './validation.js'

/** `schema.validate(value, options)`. */
function asking({ value, args: [given = UNKNOWN, options] }: LibraryCall): Asking {
  const schema = { ...value, path: value.path.slice(0, -1) }
  return { library: 'joi', value: given, schema, isOpen: isOpenUnderJoi(schema, options) }
}

/** `Joi.attempt(value, schema, message?, options?)`. */
const attempts: Meaning = (call) => {
  const [given = UNKNOWN, schema, ...others] = call.args
  const isOpen = isOpenUnderJoi(schema, others.at(-1))
  const value = throwsUnlessValid(call, { library: 'joi', value: given, schema, isOpen })
  return call.step.name === 'attempt' ? value : UNDEFINED
}

/** Keys that it does not name are refused, unless the schema or whoever asks says otherwise; an object without keys takes any. */
export function isOpenUnderJoi(schema: Value | undefined, options?: Value): boolean | undefined {
  const asked = allowsUnknown(options)
  if (asked !== undefined) return asked
  // Keys that were written out are made a schema of, which is closed.
  if (schema?.kind === 'object') return false
  if (schema?.kind !== 'library') return undefined
  const called = schema.path.filter(({ args }) => args !== undefined)
  for (const { name, args = [] } of called.toReversed()) {
    if (name === 'unknown') return args[0] === undefined ? true : truthOf(args[0])
    const said = OPTIONS.has(name) ? allowsUnknown(args[0]) : undefined
    if (said !== undefined) return said
    if (name === 'pattern' || name === 'concat' || name === 'when' || name === 'alternatives') return undefined
  }
  const takesAny = called.every(({ name, args }) => name !== 'keys' && !(name === 'object' && args?.[0] !== undefined))
  return called.some(({ name }) => name === 'object') ? takesAny : called.some(({ name }) => name === 'any')
}

const OPTIONS = new Set(['options', 'prefs', 'preferences'])

function allowsUnknown(options: Value | undefined): boolean | undefined {
  const [strips, allows] = [propertyOf(options, 'stripUnknown'), propertyOf(options, 'allowUnknown')]
  if (strips !== undefined && truthOf(strips) === true) return false
  return allows === undefined ? undefined : truthOf(allows)
}

const throwing: Meaning = (call) => throwsUnlessValid(call, asking(call))

export const joi: Library = {
  packages: ['joi', '@hapi/joi', '@hapi/joi/', '@joi/date'],
  calls: {
    // An older one is asked like a function: `Joi.validate(value, schema)`.
    'default.validate()': (call) =>
      errorBeside(call, {
        library: 'joi',
        value: call.args[0] ?? UNKNOWN,
        schema: call.args[1],
        isOpen: isOpenUnderJoi(call.args[1], call.args[2]),
      }),
    '**.validate()': (call) => errorBeside(call, asking(call)),
    '**.validateAsync()': throwing,
    '**.attempt()': attempts,
    '**.assert()': attempts,
  },
}
