/**
 * Whether a schema is one of a list, by its looks: zod's and valibot's say `array`, through what only wraps them (optional,
 * default, readonly, a transformation behind them). Standard Schema itself does not tell.
 */
export function isListSchema(schema: unknown): boolean {
  let inner = schema as Looks | undefined
  for (let depth = 0; depth < 10 && typeof inner === 'object' && inner !== null; depth += 1) {
    const { type } = inner.def ?? inner
    if (LISTS.includes(type)) return true
    inner = inner.def?.innerType ?? inner.def?.in ?? inner.wrapped ?? inner.pipe?.[0]
  }
  return false
}

const LISTS: readonly unknown[] = ['array', 'tuple']

interface Looks {
  readonly type?: unknown
  readonly wrapped?: Looks
  readonly pipe?: readonly Looks[]
  readonly def?: { readonly type?: unknown; readonly innerType?: Looks; readonly in?: Looks }
}
