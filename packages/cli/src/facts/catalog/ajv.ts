import type { LibraryValue, Value } from '../trace/model.js'
import { UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { isOpenJsonSchema } from './json-schema.js'
import { type Library, propertyOf, textOf } from './library.js'
import { type Asking, isValid } from './validation.js'

function asking({ value }: LibraryCall, schema: Value | undefined, given: Value = UNKNOWN): Asking {
  return { library: 'ajv', value: given, schema: undefined, isOpen: strips(value) ? false : isOpenJsonSchema(schema) }
}

/** `new Ajv({ removeAdditional: 'all' })` takes out whatever no schema names. */
function strips({ path }: LibraryValue): boolean {
  return path.some(({ args }) => textOf(propertyOf(args?.[0], 'removeAdditional')) === 'all')
}

export const ajv: Library = {
  packages: ['ajv', 'ajv/dist/2019', 'ajv/dist/2020', 'ajv/dist/2019.js', 'ajv/dist/2020.js', 'ajv-draft-04'],
  calls: {
    '**.compile().()': (call) => isValid(call, asking(call, call.value.path.at(-2)?.args?.[0], call.args[0])),
    '**.getSchema().()': (call) => isValid(call, asking(call, undefined, call.args[0])),
    '**.validate()': (call) => isValid(call, asking(call, call.args[0], call.args[1])),
  },
}
