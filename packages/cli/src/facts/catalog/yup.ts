import type { Value } from '../trace/model.js'
import { from, originsOf, truthOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, type Meaning, propertyOf } from './library.js'
import { type Asking, isValid, throwsUnlessValid } from './validation.js'

function asking({ value, args: [given = UNKNOWN, options] }: LibraryCall): Asking {
  const schema = { ...value, path: value.path.slice(0, -1) }
  return { library: 'yup', value: given, schema, isOpen: isOpen(schema, options) }
}

/** Keys that an object does not name stay in it, unless the schema or whoever asks says otherwise. */
function isOpen(schema: Value & { kind: 'library' }, options: Value | undefined): boolean | undefined {
  const strips = propertyOf(options, 'stripUnknown')
  if (strips !== undefined) return truthOf(strips) === undefined ? undefined : truthOf(strips) === false
  const called = schema.path.filter(({ args }) => args !== undefined)
  if (!called.some(({ name }) => name === 'object')) return undefined
  const last = called.findLast(({ name }) => /^(?:noUnknown|unknown|exact|stripUnknown|concat|from)$/.test(name))
  if (last === undefined) return true
  const says = truthOf(last.args?.[0] ?? { kind: 'literal', value: true })
  if (says === undefined || last.name === 'concat' || last.name === 'from') return undefined
  return last.name === 'unknown' ? says : !says
}

const throwing: Meaning = (call) => throwsUnlessValid(call, asking(call))
const telling: Meaning = (call) => isValid(call, asking(call))

export const yup: Library = {
  packages: ['yup', 'yup/'],
  calls: {
    '**.validate()': throwing,
    '**.validateSync()': throwing,
    '**.isValid()': telling,
    '**.isValidSync()': telling,
    // It only makes of a value what the schema is about.
    '**.cast()': ({ args: [value = UNKNOWN] }) => from(...originsOf(value)),
  },
}
