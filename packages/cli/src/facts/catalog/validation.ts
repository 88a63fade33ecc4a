import type { Condition, LibraryValue, Value } from '../trace/model.js'
import { either, from, literal, object, originsOf, UNDEFINED } from '../trace/value.js'
import type { LibraryCall, Walker } from '../trace/walker.js'
import { inputsIn, passed } from './meaning.js'

/** One question to a schema, as a library is asked it. */
export interface Asking {
  readonly library: string
  readonly value: Value
  readonly schema: Value | undefined
  /** Whether keys pass that the schema does not name, where that is known. */
  readonly isOpen?: boolean | undefined
}

/** Where the value does not fit, it throws: what comes of it is the value. */
export function throwsUnlessValid(call: LibraryCall, asking: Asking): Value {
  noteOf(call, asking, 'throws')
  call.walker.learn(call.spot, validOf(call.walker, asking.value))
  return passed(asking.value)
}

/** It stands before a handler, and answers for it where the value does not fit. */
export function letsOnlyValidThrough(call: LibraryCall, asking: Asking): void {
  noteOf(call, asking, 'tells')
  call.walker.learn(call.spot, validOf(call.walker, asking.value))
}

/** It says whether the value fits: an answer for where it does, and one for where it does not. */
export function tellsWhetherValid(call: LibraryCall, asking: Asking, yes: (value: Value) => Value, no: Value): Value {
  noteOf(call, asking, 'tells')
  return either([
    { value: yes(passed(asking.value)), given: validOf(call.walker, asking.value) },
    { value: no, given: [] },
  ])
}

/** It is true or false. */
export function isValid(call: LibraryCall, asking: Asking): Value {
  noteOf(call, asking, 'tells')
  return { kind: 'truth', holds: validOf(call.walker, asking.value), fails: [], origins: originsOf(asking.value) }
}

/** What is said of a value that does not fit. */
export const PROBLEM: Value = object({ message: from(), issues: from(), details: from(), errors: from() })

/** A list of what is wrong: empty where nothing is. */
export function problemsUnlessValid(call: LibraryCall, asking: Asking): Value {
  return tellsWhetherValid(call, asking, () => list(), list(PROBLEM))
}

/** The part of a request that stands in front of its handler, as frameworks name it. */
export const PARTS = ['body', 'query', 'params', 'headers', 'cookies'] as const

const list = (...items: readonly Value[]): Value => ({ kind: 'list', items, isWhole: true })

function noteOf({ value: said, walker, spot }: LibraryCall, asking: Asking, how: 'throws' | 'tells'): void {
  const { library, value, isOpen } = asking
  const schema: LibraryValue = asking.schema?.kind === 'library' ? asking.schema : said
  walker.note(spot, { fact: 'validation', library, how, value, schema, ...(isOpen === undefined ? {} : { isOpen }) })
}

/** What could not be followed to the schema may have been any part of the request: whoever checks it has thought of that. */
function validOf(walker: Walker, value: Value): Condition[] {
  const isLost = (value.kind === 'unknown' || value.kind === 'library') && value.origins.length === 0
  if (isLost) return PARTS.map((part) => ({ is: 'valid', source: walker.sourceOf(part) }))
  return inputsIn(value).map(({ source }) => ({ is: 'valid', source }))
}

/** An answer with a member that says whether it went well. */
export const failed = (more: Readonly<Record<string, Value>>): Value =>
  object({ success: literal(false), issues: PROBLEM, ...more })

/** `{ error, value }`: there is an error, or there is none. */
export function errorBeside(call: LibraryCall, asking: Asking): Value {
  const no = object({ error: PROBLEM, value: asking.value })
  return tellsWhetherValid(call, asking, (value) => object({ error: UNDEFINED, value }), no)
}
