import { z } from 'zod'

type Shape = z.core.$ZodShape

/** What a patch of a schema lets through: any of its fields, and nothing that wasn't sent. */
export type Patch<S extends Shape> = { [K in keyof S]?: z.output<S[K]> | undefined }

/**
 * The schema of a PATCH: every field may be left out, defaults are gone, and at least one field must be there.
 * zod's own `.partial()` keeps defaults, so a PATCH of one field would reset the others.
 * Throws at once where a default can't be taken out (it stands behind a transformation).
 *
 * @example
 * export const PATCH = endpoint({ owns: invoices, body: patchOf(InvoiceInput) }, update())
 */
export function patchOf<S extends Shape>(schema: z.ZodObject<S>): z.ZodType<Patch<S>> {
  const fields = Object.entries(schema.shape).map(([key, field]) => [key, optional(key, field as z.ZodType)])
  const patch = z.object(Object.fromEntries(fields) as Record<string, z.ZodType>)
  const filled = patch.refine((value) => Object.values(value).some((field) => field !== undefined), {
    error: 'Send at least one field to change',
  })
  return filled as unknown as z.ZodType<Patch<S>>
}

function optional(key: string, field: z.ZodType): z.ZodType {
  const bare = withoutDefault(field)
  // What still makes a value of nothing would write a field that nobody sent.
  if (bare.safeParse(undefined).data !== undefined) {
    throw new TypeError(
      `patchOf() can't take the default out of "${key}": put .default() last, behind every transformation`,
    )
  }
  return bare.optional()
}

/** Takes off what fills in a missing value, through the wrappers that leave a value as it is. */
function withoutDefault(field: z.ZodType): z.ZodType {
  const { type, innerType } = field.def as { type: string; innerType?: z.ZodType }
  if (innerType === undefined) return field
  if (type === 'default' || type === 'prefault' || type === 'catch') return withoutDefault(innerType)
  if (type === 'optional') return withoutDefault(innerType)
  if (type === 'nullable') return withoutDefault(innerType).nullable()
  if (type === 'readonly') return withoutDefault(innerType).readonly()
  return field
}
