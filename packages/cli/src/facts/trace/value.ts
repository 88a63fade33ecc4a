import type { Case, LibraryValue, Literal, ObjectValue, Origin, Step, Unknown, Value } from './model.js'
import { memberOrigin } from './origin.js'
export const UNKNOWN: Unknown = { kind: 'unknown', origins: [] }
export const UNDEFINED: Literal = { kind: 'literal', value: undefined }
export const NULL: Literal = { kind: 'literal', value: null }

export function literal(value: Literal['value']): Literal {
  return { kind: 'literal', value }
}

/** A text of these parts: a literal where all of it is written out. */
export function textOf(parts: readonly Value[]): Value {
  const written = parts.map((part) => (part.kind === 'literal' ? String(part.value) : null))
  return written.includes(null) ? { kind: 'text', parts } : literal(written.join(''))
}

export function object(properties: Readonly<Record<string, Value>>): ObjectValue {
  return { kind: 'object', properties: new Map(Object.entries(properties)), others: [] }
}

/** A value that came from there, and of which nothing else is known. */
export function from(...origins: readonly Origin[]): Unknown {
  return { kind: 'unknown', origins: distinct(origins) }
}

/** Where a value comes from, with all that is in it. Bounded, because what is in it may be a whole program's state. */
export function originsOf(value: Value, depth = 4): readonly Origin[] {
  switch (value.kind) {
    case 'unknown':
    case 'truth':
    case 'library':
      return value.origins
    case 'text':
    case 'object':
    case 'list':
    case 'either':
      return depth <= 0 ? [] : remembered(value, depth)
    default:
      return []
  }
}

type Composed = Extract<Value, { kind: 'text' | 'object' | 'list' | 'either' }>

/** By depth: what was put together of itself again and again is looked through once. */
const looked: WeakMap<Composed, readonly Origin[]>[] = []

function remembered(value: Composed, depth: number): readonly Origin[] {
  const known = (looked[depth] ??= new WeakMap())
  const before = known.get(value)
  if (before !== undefined) return before
  const found = distinct(within(value).flatMap((inner) => originsOf(inner, depth - 1)))
  known.set(value, found)
  return found
}

function within(value: Composed): readonly Value[] {
  switch (value.kind) {
    case 'text':
      return value.parts
    case 'object':
      return [...value.properties.values(), ...value.others]
    case 'list':
      return value.items
    case 'either':
      return value.cases.map((one) => one.value)
  }
}

const MOST_ORIGINS = 12

function distinct(origins: readonly Origin[]): readonly Origin[] {
  return origins.length < 2 ? origins : [...new Set(origins)].slice(0, MOST_ORIGINS)
}

const MOST_CASES = 8

/** One of these. Equal ones are one; past a bound they are a value of which only the origins are known. */
export function either(cases: readonly Case[]): Value {
  const flat: Case[] = cases.flatMap(({ value, given }): readonly Case[] =>
    value.kind === 'either'
      ? value.cases.map((inner) => ({ value: inner.value, given: [...given, ...inner.given] }))
      : [{ value, given }],
  )
  const kept: Case[] = []
  for (const one of flat) {
    const twin = kept.findIndex((other) => isSame(other.value, one.value))
    if (twin === -1) kept.push(one)
    // Known in both is what is known of it.
    else
      kept[twin] = { value: one.value, given: one.given.filter((condition) => kept[twin]!.given.includes(condition)) }
  }
  if (kept.length === 1 && kept[0]!.given.length === 0) return kept[0]!.value
  if (kept.length > MOST_CASES) return from(...kept.flatMap(({ value }) => originsOf(value)))
  return { kind: 'either', cases: kept }
}

function isSame(a: Value, b: Value): boolean {
  if (a === b) return true
  if (a.kind === 'literal' && b.kind === 'literal') return a.value === b.value
  if (a.kind === 'function' && b.kind === 'function') return a.node === b.node && a.scope === b.scope
  if (a.kind === 'library' && b.kind === 'library') return a.package === b.package && isSameWay(a.path, b.path)
  return false
}

/** What was called is the same by the call, what was named by its name. */
function isSameWay(a: readonly Step[], b: readonly Step[]): boolean {
  return (
    a.length === b.length &&
    a.every((step, index) => {
      const other = b[index]!
      return step === other || (step.name === other.name && step.args === undefined && other.args === undefined)
    })
  )
}

/** Each of what a value may be, alone. */
export function casesOf(value: Value): readonly Case[] {
  return value.kind === 'either' ? value.cases : [{ value, given: [] }]
}

/** Whether it is truthy: `undefined` where that is not known. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'literal':
      return Boolean(value.value)
    case 'function':
    case 'native':
    case 'class':
    case 'object':
    case 'list':
      return true
    case 'library':
      return SCHEMAS.test(value.package) ? true : undefined
    default:
      return undefined
  }
}

/** What these make is a schema, and never nothing: `if (schemas.body) …` where there is one. */
const SCHEMAS = /^(?:zod|joi|@hapi\/joi|yup|valibot|superstruct|@sinclair\/typebox|typebox|arktype)(?:\/|$)/

export function isNullish(value: Value): boolean {
  return value.kind === 'literal' && (value.value === null || value.value === undefined)
}

/** Whether it is `null` or `undefined`: `undefined` where that is not known. */
export function nullishPart(value: Value): boolean | undefined {
  if (isNullish(value)) return true
  return ['literal', 'text', 'function', 'class', 'object', 'list'].includes(value.kind) ? false : undefined
}

const FEW = 12

/** `['admin', 'editor']`: each of them can be meant. */
function isFewTexts(value: Value): value is Value & { kind: 'list' } {
  return (
    value.kind === 'list' &&
    value.isWhole &&
    value.items.length > 0 &&
    value.items.length <= FEW &&
    value.items.every(({ kind }) => kind === 'literal')
  )
}

/** Any one of the items of a list. */
export function memberOfList(value: Value): Value {
  if (value.kind === 'list' && value.items.length === 1) return value.items[0]!
  if (isFewTexts(value)) return either(value.items.map((one) => ({ value: one, given: [] })))
  return from(...originsOf(value).map((one) => memberOrigin(one, '*')))
}

/** Whether the code alone says what it is. */
export function isFixed(value: Value): boolean {
  if (value.kind === 'list') return value.isWhole && value.items.every(isFixed)
  if (value.kind === 'either') return value.cases.every((one) => isFixed(one.value))
  return value.kind === 'literal' || (value.kind === 'text' && value.parts.every(isFixed))
}

/** As long as it looks, and nobody makes it longer: what is done for each is done a few times. */
export function isWrittenOut(value: Value): boolean {
  return value.kind === 'list' && value.isWhole
}

/** The parts of a text that are not literal. */
export function textParts(value: Value): readonly Value[] {
  return value.kind === 'text' ? value.parts.filter(({ kind }) => kind !== 'literal') : []
}

/** Something of a package. */
export function library(name: string, member?: string): LibraryValue {
  return { kind: 'library', package: name, path: member === undefined ? [] : [{ name: member }], origins: [] }
}
