import type { StandardSchemaV1 } from '@standard-schema/spec'
import { formOf } from '../form/form-slot.js'
import { formEntries, malformedForm, MOST_PARTS } from '../http/form-entries.js'
import { isReservedName } from '../http/reserved-names.js'
import type { InputError } from '../problems.js'
import { problem } from '../problems.js'
import { formValue } from './form-value.js'
import { type PlainLimits, plainValue } from './plain-value.js'
import { isUsableName } from './usable-name.js'

/** What an action's arguments are read by. */
export interface Taking {
  readonly schema: StandardSchemaV1 | undefined
  /** The fields of the input that bound arguments fill, in their order. */
  readonly bind: readonly string[]
  /** A change of a row: a text that is empty is meant to be. */
  readonly isChange: boolean
  readonly limits: PlainLimits
}

/**
 * The arguments of an action as the value that its schema judges: bound ones come first, then the input, before which
 * `useActionState` puts the previous state. That state comes from the client and means nothing here: it is not looked at.
 * Throws the problems `invalid` and `too-large`.
 *
 * **Security:** whatever React carried is a client's to choose, bound arguments and their number too.
 */
export async function takeArguments(args: readonly unknown[], taking: Taking): Promise<unknown> {
  const { bind, schema, limits } = taking
  const rest = args.slice(bind.length)
  if (args.length < bind.length || rest.length > 2) throw refused('This was called with other arguments than it takes')
  if (schema === undefined) return undefined
  const bound = bind.map((name, index) => [name, plainValue(args[index], limits, `input.${name}`)] as const)
  const given = rest.at(-1)
  const pairs = pairsOf(given)
  if (pairs !== undefined) return fromForm(pairs, bound, taking)
  // Bound arguments may be all of a form's fields.
  if (formOf(schema) !== undefined) {
    if (given === undefined && bound.length > 0) return fromForm([], bound, taking)
    throw refused('Send this as a form')
  }
  return withBound(plainValue(given, limits), bound)
}

/** The parts of a form; `undefined` for anything else. What only looks like a form has none that can be read. */
function pairsOf(value: unknown): [string, string | File][] | undefined {
  try {
    if (!(value instanceof FormData)) return undefined
    return [...FormData.prototype.entries.call(value)] as [string, string | File][]
  } catch {
    return undefined
  }
}

type Bound = readonly (readonly [string, unknown])[]

async function fromForm(
  parts: readonly [string, string | File][],
  bound: Bound,
  { schema, isChange, limits }: Taking,
): Promise<unknown> {
  const pairs = parts.filter(([name]) => !name.startsWith(OF_REACT))
  if (pairs.length > MOST_PARTS) throw malformedForm('This form has too many parts', 'input')
  const slot = formOf(schema)
  if (slot !== undefined) return slot.gather([...pairs, ...textsOf(bound, pairs)], limits.maxBytes)
  // An input in which nothing was chosen: browsers send an empty file without a name.
  if (pairs.some(([, value]) => typeof value !== 'string' && (value.size > 0 || value.name !== ''))) {
    throw refused('There is a file here that is not asked for')
  }
  if (pairs.some(([name]) => !name.split('.').every(isUsableName))) {
    throw malformedForm('There is a field here whose name is not allowed', 'input')
  }
  refuseSentTwice(bound, pairs)
  const entries = formEntries(pairs, { maxBytes: limits.maxBytes, largest: new Map() }, 'input')
  const value = (await formValue(entries, schema!, isChange)) as object
  // Over what the form is read as: a box that it does not have is one that is not ticked.
  return { ...value, ...Object.fromEntries(bound) }
}

/** What React adds to a form so that it finds its action again. */
const OF_REACT = '$ACTION_'

function withBound(value: unknown, bound: Bound): unknown {
  if (bound.length === 0) return value
  if (value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)))
    throw refused('Send an object')
  const twice = bound.find(([name]) => value !== undefined && Object.hasOwn(value, name))
  if (twice !== undefined) throw refusedField(twice[0], BOUND_ALREADY)
  return { ...value, ...Object.fromEntries(bound) }
}

type Pairs = readonly (readonly [string, unknown])[]

function textsOf(bound: Bound, pairs: Pairs): [string, string][] {
  refuseSentTwice(bound, pairs)
  return bound.map(([name, value]) => {
    if (typeof value !== 'string') throw refusedField(name, 'Bind a text')
    return [name, value]
  })
}

/** Parts of it too: `address.street` where the address is bound. */
function refuseSentTwice(bound: Bound, pairs: Pairs): void {
  const twice = bound.find(([name]) => pairs.some(([other]) => other === name || other.startsWith(`${name}.`)))
  if (twice !== undefined) throw refusedField(twice[0], BOUND_ALREADY)
}

const BOUND_ALREADY = 'This is bound already: leave it out of the form'

/** Reads the slot `bind`. Throws a `TypeError` for what it does not take. */
export function bindOf(value: unknown, schema: StandardSchemaV1 | undefined): readonly string[] {
  if (value === undefined) return []
  const isNames = Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
  if (!isNames || value.length === 0 || new Set(value).size < value.length || value.some(isReservedName)) {
    throw new TypeError("bind takes the names of fields of the input, each once: bind: ['id']")
  }
  if (schema === undefined) throw new TypeError('bind needs input: a schema that has the fields')
  return value
}

function refused(message: string) {
  return refusal({ path: 'input', message })
}

function refusedField(name: string, message: string) {
  return refusal({ path: `input.${name}`, message })
}

function refusal(error: InputError) {
  return problem('invalid', undefined, { errors: [error] })
}
