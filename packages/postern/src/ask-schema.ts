import type { StandardSchemaV1 } from '@standard-schema/spec'

/**
 * What a schema says of a value. By the standard's own way zod first tries without waiting, and drops what an asynchronous
 * refinement has promised: it would look twice, and where its look fails (a database that is away) nobody would hear of the
 * first one, and for a rejection that nobody hears Node ends the process.
 */
export async function askSchema(schema: StandardSchemaV1, value: unknown): Promise<StandardSchemaV1.Result<unknown>> {
  if (!isZod(schema)) return schema['~standard'].validate(value)
  const { success, data, error } = await schema.safeParseAsync(value)
  return success ? { value: data } : { issues: error!.issues }
}

interface Zod {
  safeParseAsync(value: unknown): Promise<{
    readonly success: boolean
    readonly data?: unknown
    readonly error?: { readonly issues: readonly StandardSchemaV1.Issue[] }
  }>
}

function isZod(schema: StandardSchemaV1): schema is StandardSchemaV1 & Zod {
  return schema['~standard'].vendor === 'zod' && typeof (schema as Partial<Zod>).safeParseAsync === 'function'
}
