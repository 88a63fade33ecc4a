import { z } from 'zod'

type Shape = z.core.$ZodShape

/** What a patch lets through: any of the fields, and nothing that wasn't sent. */
export type Patch<Fields> = { [K in keyof Fields]?: Exclude<Fields[K], undefined> }

/**
 * The schema of a PATCH: every field may be left out, defaults are gone, and at least one field must be there.
 * zod's own `.partial()` keeps defaults, so a PATCH of one field would reset the others. A field that is an object is one
 * value: it is replaced whole. Throws at once where a default can't be taken out (it stands behind a transformation), and
 * where the object has a rule over several fields, which a part of them can't be judged by.
 *
 * @example
 * export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
 */
export function patchOf<S extends Shape>(schema: z.ZodObject<S>): z.ZodType<Patch<z.output<z.ZodObject<S>>>> {
  if (schema.def?.type !== 'object') {
    throw new TypeError(
      'patchOf() takes a z.object(): a form can’t be a patch, because a browser sends all of its fields',
    )
  }
  if ((schema.def.checks?.length ?? 0) > 0) {
    throw new TypeError(
      'patchOf() would lose the .refine() of this object: a part of the fields can’t be judged by it. ' +
        'Give it the object without the rule, and let the table say the rule (a check constraint)',
    )
  }
  const keys = Object.keys(schema.shape)
  const fields = keys.map((key) => [key, optional(key, schema.shape[key] as z.ZodType)])
  const object = z.object(Object.fromEntries(fields) as Record<string, z.ZodType>)
  // Strict stays strict and loose stays loose: both are how zod treats keys that the shape has not.
  const { catchall } = schema.def
  const patch = catchall === undefined ? object : object.catchall(catchall)
  const filled = patch.refine((value) => keys.some((key) => value[key] !== undefined), {
    error: 'Send at least one field to change',
  })
  return filled.transform(sent) as never
}

/** A server action can be called with `undefined`, which JSON does not have: no database client should have to say what that means. */
function sent(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

function optional(key: string, field: z.ZodType): z.ZodType {
  const bare = withoutDefault(field).optional()
  // What still makes a value of nothing would write a field that nobody sent.
  if (fillsNothing(bare)) return bare
  throw new TypeError(
    `patchOf() can't take the default out of "${key}": put .default() last, behind every transformation`,
  )
}

function fillsNothing(field: z.ZodType): boolean {
  try {
    return field.safeParse(undefined).data === undefined
  } catch {
    // It ran something asynchronous on a missing value: what that makes of it can't be known here.
    return false
  }
}

/** Takes off what fills in a missing value, through the wrappers that leave a value as it is. */
function withoutDefault(field: z.ZodType): z.ZodType {
  const { type, innerType } = field.def as { type: string; innerType?: z.ZodType }
  if (innerType === undefined) return field
  if (type === 'default' || type === 'prefault' || type === 'catch') return withoutDefault(innerType)
  if (type === 'optional' || type === 'nonoptional') return withoutDefault(innerType)
  if (type === 'nullable') return withoutDefault(innerType).nullable()
  if (type === 'readonly') return withoutDefault(innerType).readonly()
  return field
}
