import type { StandardSchemaV1 } from '@standard-schema/spec'
import { askSchema } from '../ask-schema.js'
import type { FormEntries } from '../http/form-entries.js'
import { type FieldKind, fieldKind } from './field-kind.js'

type Texts = ReadonlyMap<string, readonly string[]>

/**
 * The texts of a form as values that a schema can judge: numbers, dates, ticked boxes, lists, objects (`address.street`,
 * `items.0.name`). What can't be read as what it should be stays text, so that the schema says what is wrong with it.
 *
 * @param keepsEmpty whether a text that may be left out and is empty means "empty it", as in a change of a row, where a schema
 *   refuses it; otherwise it means that nothing was filled in
 */
export async function formValue(entries: FormEntries, schema: StandardSchemaV1, keepsEmpty = false): Promise<unknown> {
  const texts = new Map([...entries].map(([name, values]) => [name, values.filter((one) => typeof one === 'string')]))
  const { fields } = fieldKind(schema)
  if (fields === undefined) return Object.fromEntries([...texts].map(([name, values]) => [name, oneOrAll(values)]))
  return objectOf(texts, fields, { prefix: '', depth: 0, keepsEmpty })
}

interface Place {
  /** What stands before the names of the fields here: `address.`. */
  readonly prefix: string
  readonly depth: number
  readonly keepsEmpty: boolean
}

/** Deeper than any form that somebody fills in. */
const DEEPEST = 5

async function objectOf(
  texts: Texts,
  fields: NonNullable<FieldKind['fields']>,
  place: Place,
): Promise<Record<string, unknown>> {
  const { prefix } = place
  const known = await Promise.all(
    Object.entries(fields).map(
      async ([key, field]) => [key, await valueOf(texts, prefix + key, field, place)] as const,
    ),
  )
  // What is not declared goes along as text: whether that is left out or refused is the schema's to say.
  const others = [...texts].flatMap(([name, values]) => {
    const key = name.slice(prefix.length)
    const isOwn = name.startsWith(prefix) && !key.includes('.') && !Object.hasOwn(fields, key)
    return isOwn ? [[key, oneOrAll(values)] as const] : []
  })
  return Object.fromEntries([...others, ...known.filter(([, value]) => value !== undefined)])
}

async function valueOf(texts: Texts, name: string, schema: StandardSchemaV1, place: Place): Promise<unknown> {
  const kind = fieldKind(schema)
  const given = texts.get(name)
  if (kind.type === 'object') return nested(texts, name, kind, place)
  if (kind.type === 'list') return listOf(texts, name, kind, place)
  // A box that is not ticked is not sent.
  if (given === undefined || given.length === 0) return kind.type === 'boolean' && !kind.isOptional ? false : undefined
  // Sent twice where once is meant: a list, which the schema refuses.
  return given.length > 1 ? [...given] : read(given[0]!, kind, place)
}

async function nested(texts: Texts, name: string, { fields, isOptional }: FieldKind, place: Place): Promise<unknown> {
  const prefix = `${name}.`
  const isThere = [...texts.keys()].some((key) => key.startsWith(prefix))
  if (fields === undefined || place.depth >= DEEPEST || (!isThere && isOptional)) return undefined
  return objectOf(texts, fields, { ...place, prefix, depth: place.depth + 1 })
}

async function listOf(texts: Texts, name: string, kind: FieldKind, place: Place): Promise<unknown[] | undefined> {
  const { element, isOptional } = kind
  const item = fieldKind(element ?? kind.inner)
  const given = texts.get(name)
  if (element !== undefined && item.type === 'object') {
    const at = [...texts.keys()].flatMap((key) => (key.startsWith(`${name}.`) ? [key.slice(name.length + 1)] : []))
    const indexes = [...new Set(at.map((rest) => rest.split('.')[0]!))].filter((index) => /^\d{1,4}$/.test(index))
    const sorted = indexes.toSorted((a, b) => Number(a) - Number(b))
    if (sorted.length === 0 && isOptional) return undefined
    return Promise.all(sorted.map((index) => nested(texts, `${name}.${index}`, item, place)))
  }
  if (given === undefined) return isOptional ? undefined : []
  return Promise.all(given.map((text) => read(text, item, place)))
}

async function read(text: string, kind: FieldKind, { keepsEmpty }: Place): Promise<unknown> {
  if (text === '') return empty(kind, keepsEmpty)
  const trimmed = text.trim()
  switch (kind.type) {
    case 'number':
      return NUMBER.test(trimmed) ? Number(trimmed) : text
    case 'bigint':
      return /^-?\d{1,40}$/.test(trimmed) ? BigInt(trimmed) : text
    case 'boolean':
      return TICKED.get(trimmed) ?? text
    case 'date':
      return dateOf(trimmed) ?? text
    default:
      return text
  }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?$/i
const TICKED: ReadonlyMap<string, boolean> = new Map([
  ...(['on', 'true', '1'] as const).map((text) => [text, true] as const),
  ...(['off', 'false', '0'] as const).map((text) => [text, false] as const),
])

/** Browsers send an empty text for what was not filled in. */
async function empty(kind: FieldKind, keepsEmpty: boolean): Promise<unknown> {
  if (kind.type === 'boolean') return false
  if (kind.isNullable) return null
  if (kind.type !== 'text' && kind.type !== 'other') return undefined
  if (!kind.isOptional || keepsEmpty) return ''
  return (await takesEmpty(kind.inner)) ? '' : undefined
}

/** A schema that can't say so, its database away for one, meets the value again when the whole is judged. */
async function takesEmpty(schema: StandardSchemaV1): Promise<boolean> {
  try {
    return (await askSchema(schema, '')).issues === undefined
  } catch {
    return false
  }
}

/** A time without a zone is read as UTC: what a form means must not depend on where the server stands. */
function dateOf(text: string): Date | undefined {
  const [, day, time, zone] = DATE.exec(text) ?? []
  if (day === undefined) return undefined
  // The thirty-first of February would become a day in March.
  const midnight = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined
  const date = new Date(time === undefined ? `${day}T00:00:00Z` : `${day}${time}${zone ?? 'Z'}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

const DATE = /^(\d{4}-\d{2}-\d{2})(?:(T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/

function oneOrAll(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : [...values]
}
