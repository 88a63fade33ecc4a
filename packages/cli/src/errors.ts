/** What a person did that cannot work: one sentence, and what to do next. The command ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly hint: string

  constructor(sentence: string, hint: string, options?: { cause: unknown }) {
    super(sentence, options)
    this.hint = hint
  }
}

/** An error as people read it. `ours` is true where nobody but us can mend it. */
export interface Explanation {
  readonly sentence: string
  readonly hint: string
  readonly ours: boolean
}

/** Puts any error into one sentence and a hint. Errors of `postern` carry their own hint; the system's are known by code. */
export function explain(error: unknown): Explanation {
  const chain = [...causes(error)]
  for (const link of chain) {
    if (typeof link.hint === 'string') return { sentence: oneLine(link.message), hint: link.hint, ours: false }
  }
  for (const link of chain) {
    const known = typeof link.code === 'string' ? KNOWN[link.code] : undefined
    if (known !== undefined) return { ...known(link), ours: false }
  }
  const message = oneLine(chain[0]?.message ?? String(error))
  const hint = 'Run it again with --verbose to see where, and report that please'
  return { sentence: `postern failed in a way it did not expect: ${message}`, hint, ours: true }
}

interface Link {
  readonly message: string
  readonly hint?: unknown
  readonly code?: unknown
  readonly port?: unknown
  readonly address?: unknown
  readonly path?: unknown
}

const unreachable = (link: Link) => ({
  sentence: `The database cannot be reached: ${oneLine(link.message)}`,
  hint: 'Check DATABASE_URL and that PostgreSQL is running there, or unset it to use the embedded database',
})

const KNOWN: Readonly<Record<string, (link: Link) => { sentence: string; hint: string }>> = {
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  ENOTFOUND: unreachable,
  EAI_AGAIN: unreachable,
  ETIMEDOUT: unreachable,
  // PostgreSQL's own: wrong password, no such login, no such database.
  '28P01': unreachable,
  '28000': unreachable,
  '3D000': unreachable,
  '42501': (link) => ({
    sentence: `The login of the database may not do this: ${oneLine(link.message)}`,
    hint: 'Migrations, seeds and resets need the owner of the tables: name it in MIGRATION_DATABASE_URL',
  }),
  EADDRINUSE: (link) => ({
    sentence: `Port ${String(link.port)} is taken by another program`,
    hint: 'Choose another with --port or PORT',
  }),
  EACCES: (link) => ({
    sentence:
      link.port === undefined
        ? `Not allowed: ${oneLine(link.message)}`
        : `Port ${String(link.port)} may not be opened by this user`,
    hint: link.port === undefined ? 'Check who owns that file' : 'Choose one above 1023 with --port or PORT',
  }),
}

/** The error, what caused it, and what an AggregateError holds (Node reports a refused `localhost` as one). */
function* causes(error: unknown, depth = 0): Generator<Link> {
  if (typeof error !== 'object' || error === null || depth > 8) return
  const link = error as Link & { cause?: unknown; errors?: unknown }
  yield { ...pick(link), message: link.message || firstMessage(link.errors) }
  if (Array.isArray(link.errors)) for (const inner of link.errors) yield* causes(inner, depth + 1)
  yield* causes(link.cause, depth + 1)
}

const pick = ({ hint, code, port, address, path }: Link) => ({ hint, code, port, address, path })
const firstMessage = (errors: unknown) =>
  Array.isArray(errors) ? String((errors[0] as Error | undefined)?.message ?? '') : ''
const oneLine = (message: string) => message.replace(/\s*\n\s*/g, ' ').trim()
