import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What a field of a form is to become, as far as its schema's looks tell: zod's and valibot's do, others are texts. */
export interface FieldKind {
  readonly type: 'text' | 'number' | 'bigint' | 'boolean' | 'date' | 'list' | 'object' | 'other'
  /** The schema inside what only wraps it. */
  readonly inner: StandardSchemaV1
  readonly isOptional: boolean
  readonly isNullable: boolean
  /** It may give other fields than it takes. */
  readonly isTransformed: boolean
  /** Of a list. */
  readonly element?: StandardSchemaV1 | undefined
  /** Of an object. */
  readonly fields?: Readonly<Record<string, StandardSchemaV1>> | undefined
}

export function fieldKind(schema: unknown): FieldKind {
  let inner = schema as Looks
  let isOptional = false
  let isNullable = false
  let isTransformed = false
  for (let depth = 0; depth < 10; depth += 1) {
    const { type } = inner.def ?? inner
    isTransformed ||= inner.def?.in !== undefined || Array.isArray(inner.pipe)
    const next = inner.def?.innerType ?? inner.def?.in ?? inner.wrapped
    if (next === undefined) break
    isOptional = (isOptional || OPTIONAL.has(type)) && type !== 'nonoptional'
    isNullable ||= NULLABLE.has(type)
    inner = next
  }
  const { type, shape, element } = inner.def ?? {}
  const named = TYPES[String(type ?? inner.type)] ?? 'other'
  return {
    type: type === 'literal' || inner.type === 'literal' ? literalType(inner) : named,
    inner: inner as unknown as StandardSchemaV1,
    isOptional,
    isNullable,
    isTransformed,
    element: (element ?? inner.item) as StandardSchemaV1 | undefined,
    fields: (shape ?? inner.entries) as FieldKind['fields'],
  }
}

const OPTIONAL: ReadonlySet<unknown> = new Set([
  'optional',
  'default',
  'prefault',
  'catch',
  'nullish',
  'exact_optional',
  'undefinedable',
])
const NULLABLE: ReadonlySet<unknown> = new Set(['nullable', 'nullish'])

const TYPES: Readonly<Record<string, FieldKind['type']>> = {
  string: 'text',
  number: 'number',
  int: 'number',
  bigint: 'bigint',
  boolean: 'boolean',
  date: 'date',
  array: 'list',
  object: 'object',
  strict_object: 'object',
  loose_object: 'object',
}

/** `z.literal(true)` is a box that must be ticked. */
function literalType({ def, literal }: Looks): FieldKind['type'] {
  const values = def?.values ?? [literal]
  if (values.every((value) => typeof value === 'boolean')) return 'boolean'
  return values.every((value) => typeof value === 'number') ? 'number' : 'other'
}

/** zod keeps what it is made of in `def`; valibot on the schema itself. */
interface Looks {
  readonly type?: unknown
  readonly wrapped?: Looks
  readonly pipe?: unknown
  readonly item?: unknown
  readonly entries?: unknown
  readonly literal?: unknown
  readonly def?: {
    readonly type?: unknown
    readonly innerType?: Looks
    readonly in?: Looks
    readonly shape?: unknown
    readonly element?: unknown
    readonly values?: readonly unknown[]
  }
}
