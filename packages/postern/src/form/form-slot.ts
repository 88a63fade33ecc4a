/**
 * Where a schema made by `form()` keeps how its body is read. It stands apart from the reading, so that what asks for it
 * knows no parser. `Symbol.for`: two copies of this package must find the same.
 */
export const FORM: unique symbol = Symbol.for('postern.form') as never

/** How the body of a form is read. */
export interface FormSlot {
  /** Whether one of its fields is a file: such a form has no place in a column. */
  readonly hasFiles: boolean
  /** What all its files may hold together, in bytes: so much comes on top of the largest body. */
  readonly fileBytes: number
  /**
   * Reads the body into what the form's schema judges, of at most `maxBytes` beside its files. Throws the problems
   * `unsupported-media-type`, `too-large` and `invalid`.
   */
  read(request: Request, maxBytes: number): Promise<unknown>
  /** The same of parts that somebody else has read. Throws the problems `too-large` and `invalid`. */
  gather(pairs: Iterable<readonly [string, string | File]>, maxBytes: number): unknown
}

/** What `form()` said of reading; `undefined` for any other schema. */
export function formOf(schema: unknown): FormSlot | undefined {
  const holds = typeof schema === 'object' && schema !== null && FORM in schema
  return holds ? (schema as { readonly [FORM]: FormSlot })[FORM] : undefined
}
