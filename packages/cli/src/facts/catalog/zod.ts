import type { Condition, LibraryValue, Value } from '../trace/model.js'
import type { Library, Meaning } from './library.js'
import { inputsIn, passed } from './meaning.js'
import { either, from, literal, object, UNKNOWN } from '../trace/value.js'

function validOf(value: Value): Condition[] {
  return inputsIn(value).map(({ source }) => ({ is: 'valid', source }))
}

export const parses: Meaning = ({ value: said, walker, spot, args: [value = UNKNOWN] }) => {
  walker.note(spot, { fact: 'validation', library: 'zod', how: 'throws', value, schema: schemaOf(said) })
  walker.learn(spot, validOf(value))
  return passed(value)
}

export const tellsWhetherItFits: Meaning = ({ value: said, walker, spot, args: [value = UNKNOWN] }) => {
  walker.note(spot, { fact: 'validation', library: 'zod', how: 'tells', value, schema: schemaOf(said) })
  return either([
    { value: object({ success: literal(true), data: passed(value) }), given: validOf(value) },
    { value: object({ success: literal(false), error: from() }), given: [] },
  ])
}

/** The schema itself, without the call that parses. */
function schemaOf(said: LibraryValue): LibraryValue {
  return { ...said, path: said.path.slice(0, -1) }
}

/** zod, and what takes over its names. */
export const zod: Library = {
  packages: ['zod', 'zod/', 'drizzle-zod', 'zod-form-data', '@hono/zod-openapi'],
  calls: {
    '**.parse()': parses,
    '**.parseAsync()': parses,
    '**.safeParse()': tellsWhetherItFits,
    '**.safeParseAsync()': tellsWhetherItFits,
    '**.spa()': tellsWhetherItFits,
  },
}
