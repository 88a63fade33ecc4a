import type { Value } from '../trace/model.js'
import { literal, object, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import type { Library, Meaning } from './library.js'
import { failed, isValid, tellsWhetherValid, throwsUnlessValid } from './validation.js'

const asking = (schema: Value | undefined, value: Value = UNKNOWN) => ({
  library: 'valibot',
  value,
  schema,
  isOpen: isOpenValibot(schema),
})

const throwing: Meaning = (call) => throwsUnlessValid(call, asking(call.args[0], call.args[1]))
const telling: Meaning = (call) => tells(call, call.args[0], call.args[1])

function tells(call: LibraryCall, schema: Value | undefined, value: Value | undefined): Value {
  return tellsWhetherValid(call, asking(schema, value), succeeded, failed({ output: UNKNOWN }))
}

const succeeded = (output: Value) => object({ success: literal(true), output })

/** The schema that `parser(schema)` was made with. */
const schemaOf = ({ value }: LibraryCall) => value.path.at(-2)?.args?.[0]

const throwingMade: Meaning = (call) => throwsUnlessValid(call, asking(schemaOf(call), call.args[0]))
const tellingMade: Meaning = (call) => tells(call, schemaOf(call), call.args[0])

/** `object` strips keys that it does not name and `strictObject` refuses them; `looseObject` keeps them. */
export function isOpenValibot(schema: Value | undefined): boolean | undefined {
  const made = schema?.kind === 'library' ? schema.path.findLast(({ args }) => args !== undefined) : undefined
  switch (made?.name.replace(/Async$/, '')) {
    case 'object':
    case 'strictObject':
      return false
    case 'looseObject':
    case 'objectWithRest':
    case 'record':
    case 'any':
    case 'unknown':
      return true
    case 'pipe':
    case 'pick':
    case 'omit':
    case 'partial':
    case 'required':
    case 'config':
      return isOpenValibot(made?.args?.[0])
    default:
      return undefined
  }
}

export const valibot: Library = {
  packages: ['valibot', '@valibot/valibot'],
  calls: {
    '**.parse()': throwing,
    '**.parseAsync()': throwing,
    '**.assert()': throwing,
    '**.safeParse()': telling,
    '**.safeParseAsync()': telling,
    '**.is()': (call) => isValid(call, asking(call.args[0], call.args[1])),
    '**.parser().()': throwingMade,
    '**.parserAsync().()': throwingMade,
    '**.safeParser().()': tellingMade,
    '**.safeParserAsync().()': tellingMade,
  },
}
