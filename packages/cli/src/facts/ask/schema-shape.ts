import type { LibraryValue, ObjectValue, Step, Value } from '../trace/model.js'

/** What an object's schema lets through, as far as it was written out. */
export interface SchemaShape {
  readonly fields: ReadonlyMap<string, SchemaField>
  /** Keys that it does not name pass. */
  readonly isOpen: boolean
}

export interface SchemaField {
  readonly isOptional: boolean
  /** What it puts where nothing was sent: always, only with an `optional` around it, or never. */
  readonly fills: 'always' | 'under-optional' | 'never'
}

const NOTHING: SchemaShape = { fields: new Map(), isOpen: false }
const ANYTHING: SchemaShape = { fields: new Map(), isOpen: true }

/** Deeper than this nobody builds schemas out of each other. */
const DEEPEST = 8

/** The shape of a schema of zod's; `undefined` where it is none of an object, or was put together in a way that can't be followed. */
export function shapeOf(schema: Value, depth = DEEPEST): SchemaShape | undefined {
  if (schema.kind !== 'library' || depth === 0) return undefined
  let shape: SchemaShape | undefined
  for (const step of schema.path) {
    if (step.args === undefined) continue
    shape = afterStep(shape, step, depth)
    if (shape === undefined) return undefined
  }
  return shape
}

/** What leaves an object's keys as they are. */
const SAME = new Set(['strip', 'nonstrict', 'describe', 'meta', 'brand', 'readonly', 'refine', 'superRefine', 'check'])

function afterStep(shape: SchemaShape | undefined, { name, args = [] }: Step, depth: number): SchemaShape | undefined {
  const [first] = args
  switch (name) {
    case 'object':
    case 'strictObject':
      return withFields(NOTHING, first, depth)
    case 'looseObject':
      return withFields(ANYTHING, first, depth)
    case 'record':
    case 'any':
    case 'unknown':
      return ANYTHING
  }
  if (shape === undefined) return undefined
  switch (name) {
    case 'extend':
    case 'safeExtend':
    case 'augment':
      return withFields(shape, first, depth)
    case 'merge': {
      const other = first === undefined ? undefined : shapeOf(first, depth - 1)
      return other && { fields: new Map([...shape.fields, ...other.fields]), isOpen: other.isOpen }
    }
    case 'pick':
    case 'omit': {
      if (first?.kind !== 'object') return undefined
      const isKept = (key: string) => first.properties.has(key) === (name === 'pick')
      return { ...shape, fields: new Map([...shape.fields].filter(([key]) => isKept(key))) }
    }
    case 'partial':
      return {
        ...shape,
        fields: new Map([...shape.fields].map(([key, field]) => [key, isMeant(key, first) ? optional(field) : field])),
      }
    case 'required':
      return {
        ...shape,
        fields: new Map([...shape.fields].map(([key, field]) => [key, { ...field, isOptional: false }])),
      }
    case 'passthrough':
    case 'loose':
    case 'catchall':
      return { ...shape, isOpen: true }
    case 'strict':
      return { ...shape, isOpen: false }
    default:
      return SAME.has(name) ? shape : undefined
  }
}

/** `partial({ title: true })` is about these alone. */
function isMeant(key: string, mask: Value | undefined): boolean {
  return mask?.kind !== 'object' || mask.properties.has(key)
}

function withFields(shape: SchemaShape, said: Value | undefined, depth: number): SchemaShape | undefined {
  if (said?.kind !== 'object') return undefined
  const fields = new Map(shape.fields)
  for (const [name, field] of spreadFields(said, depth) ?? []) fields.set(name, field)
  for (const [name, value] of said.properties) fields.set(name, fieldOf(value))
  return { ...shape, fields }
}

/** `z.object({ ...Other.shape })`. */
function spreadFields({ others }: ObjectValue, depth: number): [string, SchemaField][] {
  return others.flatMap((other) => {
    const last = other.kind === 'library' ? other.path.at(-1) : undefined
    if (other.kind !== 'library' || last?.name !== 'shape' || last.args !== undefined) return []
    return [...(shapeOf({ ...other, path: other.path.slice(0, -1) }, depth - 1)?.fields ?? [])]
  })
}

const REQUIRED: SchemaField = { isOptional: false, fills: 'never' }

function fieldOf(value: Value): SchemaField {
  return value.kind === 'library' ? value.path.reduce(afterFieldStep, REQUIRED) : REQUIRED
}

function afterFieldStep(field: SchemaField, { name, args }: LibraryValue['path'][number]): SchemaField {
  if (args === undefined) return field
  if (name === 'default' || name === 'prefault' || name === 'catch') return { isOptional: true, fills: 'always' }
  return name === 'optional' || name === 'nullish' ? optional(field) : field
}

function optional({ fills }: SchemaField): SchemaField {
  return { isOptional: true, fills: fills === 'always' ? 'under-optional' : fills }
}
