import type { LibraryValue, Value } from '../trace/model.js'
import { memberOrigin } from '../trace/origin.js'
import { from, originsOf, UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { isOpenJsonSchema } from './json-schema.js'
import type { Library, Meaning } from './library.js'
import { type Asking, isValid, problemsUnlessValid, throwsUnlessValid } from './validation.js'

/** `Value.Check(schema, value)`; between the two may stand what the schema refers to. */
function asking({ args: [schema, ...others] }: LibraryCall): Asking {
  return { library: 'typebox', value: others.at(-1) ?? UNKNOWN, schema, isOpen: isOpenJsonSchema(schema) }
}

/** `TypeCompiler.Compile(schema).Check(value)`. */
function askingCompiled({ value: { path }, args: [value = UNKNOWN] }: LibraryCall): Asking {
  const schema = path.at(-2)?.args?.[0]
  return { library: 'typebox', value, schema, isOpen: isOpenJsonSchema(schema) }
}

const byWay =
  (how: (call: LibraryCall, asking: Asking) => Value): Meaning =>
  (call) =>
    how(call, askingOf(call))

function askingOf(call: LibraryCall): Asking {
  return isCompiled(call.value) ? askingCompiled(call) : asking(call)
}

/** What it strips before it checks is not the same in each version. */
const decodes: Meaning = (call) => throwsUnlessValid(call, { ...askingOf(call), isOpen: undefined })

function isCompiled({ path }: LibraryValue): boolean {
  return /^Compile$/.test(path.at(-2)?.name ?? '') && path.at(-2)?.args !== undefined
}

/** Of what was cleaned the client no longer chooses the keys. */
const cleaned: Meaning = ({ value, args }) =>
  from(...originsOf((isCompiled(value) ? args[0] : args.at(-1)) ?? UNKNOWN).map((one) => memberOrigin(one, '#clean')))

/** What only changes a value on its way to the check. */
const same: Meaning = ({ value, args }) => (isCompiled(value) ? args[0] : args.at(-1)) ?? UNKNOWN

export const typebox: Library = {
  packages: ['@sinclair/typebox', '@sinclair/typebox/', 'typebox', 'typebox/'],
  calls: {
    '**.Check()': byWay(isValid),
    '**.Errors()': byWay(problemsUnlessValid),
    '**.Assert()': byWay(throwsUnlessValid),
    '**.Decode()': decodes,
    '**.Parse()': decodes,
    '**.Clean()': cleaned,
    '**.Default()': same,
    '**.Convert()': same,
  },
}
