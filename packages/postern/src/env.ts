import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What `env()` takes beside the schema. */
export interface EnvOptions {
  /** What is read instead of `process.env`: for tests. */
  readonly source?: Readonly<Record<string, string | undefined>>
}

/**
 * The environment as the program needs it: `process.env`, read when this is called, through a schema of an object (zod's, or
 * anything with Standard Schema). An empty text counts as not set, because that is how a shell and a container unset one.
 * Answers the schema's value, frozen. Throws one error with all problems at once and a `hint`, which the commands print as two
 * lines before anything listens.
 *
 * **Security:** the error names variables and never quotes what they hold: it ends in logs, and they hold passwords.
 *
 * @example
 * export const { STRIPE_KEY, MAIL_FROM } = env(z.object({ STRIPE_KEY: z.string().min(20), MAIL_FROM: z.email() }))
 */
export function env<T extends object>(schema: StandardSchemaV1<unknown, T>, options: EnvOptions = {}): Readonly<T> {
  const source = withoutEmpty(options.source ?? process.env)
  const result = schema['~standard'].validate({ ...source })
  if (result instanceof Promise) {
    // Nobody will hear how it ends.
    result.catch(() => {})
    throw new TypeError('env() takes a schema that answers at once, and this one has an asynchronous rule')
  }
  if (result.issues !== undefined) throw new UnfitEnvironment(result.issues, source)
  if (typeof result.value === 'object' && result.value !== null) return frozen(result.value)
  throw new TypeError('env() takes a schema of an object, whose fields are the variables')
}

type Source = Readonly<Record<string, string>>

function withoutEmpty(source: Readonly<Record<string, string | undefined>>): Source {
  return Object.fromEntries(Object.entries(source).filter((entry): entry is [string, string] => !!entry[1]))
}

/** What is wrong with the environment, and what to do next. */
class UnfitEnvironment extends Error {
  override readonly name = 'UnfitEnvironment'
  readonly hint = 'Set what is missing and correct the rest, in the environment or, on a desk, in .env'

  constructor(issues: readonly StandardSchemaV1.Issue[], source: Source) {
    const faults = new Set(issues.map((issue) => fault(issue, source)))
    super(`The environment is not what this program needs: ${[...faults].join('; ')}`)
  }
}

function fault(issue: StandardSchemaV1.Issue, source: Source): string {
  const segment = issue.path?.[0]
  if (segment === undefined) return wholeFault(issue, source)
  const name = String(typeof segment === 'object' ? segment.key : segment)
  const words = asClause(withoutValues(issue.message, source[name] ?? '', source))
  if (source[name] !== undefined) return `${name}: ${words}`
  return saysItIsMissing(issue) ? `${name} is not set` : `${name} is not set: ${words}`
}

function wholeFault(issue: StandardSchemaV1.Issue, source: Source): string {
  if (!('code' in issue) || issue.code !== 'unrecognized_keys')
    return asClause(withoutValues(issue.message, '', source))
  // zod would list every variable of the machine.
  return 'the schema refuses unknown names, and an environment always holds some: use z.object()'
}

/** A rule that somebody wrote says why a variable is needed; what the library says of nothing is said better. */
function saysItIsMissing(issue: StandardSchemaV1.Issue): boolean {
  if ('code' in issue) return issue.code !== 'custom'
  return /undefined|missing|required/i.test(issue.message)
}

/**
 * zod's own messages hold no values. Those of other libraries do (`Received "…"`), and so may a rule's own: what the
 * variable holds is taken out, its parts as well, because a rule may quote the password of a URL; of others, the whole.
 */
function withoutValues(message: string, own: string, source: Source): string {
  const parts = own.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length > SHORT)
  const others = Object.values(source).filter((value) => value.length >= SECRET)
  const hidden = [own, ...parts, ...others].filter((text) => text !== '').toSorted((a, b) => b.length - a.length)
  return hidden.reduce((text, value) => text.replaceAll(patternOf(value), '…'), message)
}

// Up to here a text is hidden where it stands alone: hiding every `1` would make nonsense of `at least 10`.
const SHORT = 3
// Whole values of other variables: below this they are words like `production` is made of, and above it they may be keys.
const SECRET = 8

function patternOf(value: string): RegExp {
  const escaped = value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
  return value.length > SHORT ? new RegExp(escaped, 'gi') : new RegExp(`(?<![\\w.])${escaped}(?![\\w.])`, 'gi')
}

function asClause(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '')
}

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (Array.isArray(inner) || isPlain(inner)) frozen(inner)
  }
  return Object.freeze(value)
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
