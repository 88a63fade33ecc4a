import type { LibraryValue, Value } from '../trace/model.js'
import { UNKNOWN } from '../trace/value.js'
import type { LibraryCall } from '../trace/walker.js'
import { type Library, propertyOf, textOf } from './library.js'
import { type Asking, isValid, tellsWhetherValid, throwsUnlessValid } from './validation.js'

function asking({ value, args: [given = UNKNOWN] }: LibraryCall): Asking {
  const schema = { ...value, path: value.path.slice(0, -1) }
  return { library: 'arktype', value: given, schema, isOpen: isOpenArktype(schema) }
}

/** Keys that it does not name stay in it, unless `'+'` or `onUndeclaredKey` says otherwise. */
export function isOpenArktype(schema: Value | undefined): boolean | undefined {
  if (schema?.kind !== 'library') return undefined
  const [made, ...others] = schema.path.filter(({ args }) => args !== undefined)
  const said = others.findLast(({ name }) => /^on(?:Deep)?UndeclaredKey$/.test(name))?.args?.[0]
  const shape = made?.args?.[0]
  if (made?.name !== 'type' || shape?.kind !== 'object' || shape.others.length > 0) return undefined
  const undeclared = said ?? propertyOf(shape, '+')
  if (undeclared === undefined) return others.every(({ name }) => KEEPS.has(name)) ? true : undefined
  return textOf(undeclared) === undefined ? undefined : textOf(undeclared) === 'ignore'
}

/** What leaves an object's keys as they are. */
const KEEPS = new Set(['narrow', 'describe', 'brand', 'configure', 'partial', 'required', 'pick', 'omit', 'readonly'])

/** What a type answers where the value is none of it. */
const ERRORS: LibraryValue = {
  kind: 'library',
  package: 'arktype',
  path: [{ name: 'type' }, { name: 'errors', args: [] }],
  origins: [],
}

export const arktype: Library = {
  packages: ['arktype'],
  calls: {
    '**.assert()': (call) => throwsUnlessValid(call, asking(call)),
    '**.from()': (call) => throwsUnlessValid(call, asking(call)),
    '**.allows()': (call) => isValid(call, asking(call)),
    // A type is called like a function, and what it answers is the value or what is wrong with it.
    '**.()': (call) => tellsWhetherValid(call, asking(call), (value) => value, ERRORS),
  },
}
