/**
 * Every error a client can see: one row a code, with the status and the one sentence it carries.
 * Whatever is thrown and is not a `Problem` is `internal`: the sentence goes out, the details go to the log.
 *
 * Source: RFC 9457 (Problem Details for HTTP APIs), RFC 9110 §15 (status codes).
 */
export const problems = {
  invalid: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in to do this' },
  forbidden: { status: 403, title: 'You may not do this' },
  'cross-site': { status: 403, title: 'This request came from another site' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'This method is not offered here' },
  conflict: { status: 409, title: 'This collides with something that exists' },
  'precondition-failed': { status: 412, title: 'This has changed since you read it' },
  'too-large': { status: 413, title: 'The request is too large' },
  'unsupported-media-type': { status: 415, title: 'Send this as application/json' },
  unprocessable: { status: 422, title: 'The values do not fit the data they refer to' },
  'precondition-required': { status: 428, title: 'Say which version you read, with If-Match' },
  'rate-limited': { status: 429, title: 'Too many requests; try again later' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The service is busy; try again shortly' },
  timeout: { status: 504, title: 'This took too long' },
} as const satisfies Record<string, { status: number; title: string }>

/** The code of a problem: the row of the table, and the `code` that a client reads. */
export type ProblemCode = keyof typeof problems

/** One thing that is wrong with the input, named by its place: `body.total`, `query.limit`, `params.id`. */
export interface InputError {
  readonly path: string
  readonly message: string
}

/** What leaves as `application/problem+json`. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly requestId: string
  readonly detail?: string
  readonly errors?: readonly InputError[]
}

interface ProblemOptions {
  readonly errors?: readonly InputError[]
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

/** An error that is meant for the client. Made by `problem()`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  /** Words for the client, said on purpose; without them the code's own sentence goes out alone. */
  readonly detail: string | undefined
  readonly errors: readonly InputError[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ProblemCode, detail?: string, options: ProblemOptions = {}) {
    super(detail ?? problems[code].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = detail
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }
}

/**
 * Makes an error whose words reach the client. Throw it where the caller can do something about it; let everything else fly.
 *
 * @example
 * if (invoice.status !== 'draft') throw problem('conflict', 'This invoice has been sent already')
 */
export function problem(code: ProblemCode, detail?: string, options?: ProblemOptions): Problem {
  return new Problem(code, detail, options)
}

/**
 * A `Problem` by its looks: two copies of this package in one bundle must still understand each other.
 *
 * @example
 * if (isProblem(error) && error.code === 'conflict') return undefined
 */
export function isProblem(value: unknown): value is Problem {
  return value instanceof Error && value.name === 'Problem' && 'code' in value && String(value.code) in problems
}
