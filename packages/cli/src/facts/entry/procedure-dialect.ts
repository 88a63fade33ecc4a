/** What builders of procedures call the same things: tRPC, oRPC, next-safe-action. */
export interface ProcedureDialect {
  /** What goes on from one middleware to the next, and to the handler. */
  readonly context: 'ctx' | 'context'
  /** What the handler finds the input as. */
  readonly input: 'input' | 'parsedInput'
  /** The steps that say by what schema it comes in. */
  readonly schemas: readonly string[]
  /** Where the input comes from. */
  readonly part: 'body' | 'argument'
}

export const TRPC: ProcedureDialect = { context: 'ctx', input: 'input', schemas: ['input'], part: 'body' }
export const ORPC: ProcedureDialect = { context: 'context', input: 'input', schemas: ['input'], part: 'body' }
export const SAFE_ACTION: ProcedureDialect = {
  context: 'ctx',
  input: 'parsedInput',
  schemas: ['schema', 'inputSchema', 'bindArgsSchemas'],
  part: 'argument',
}
