/**
 * Every error a client can see: one row a code, with the status and the one sentence it carries.
 * Whatever is thrown and is not a `Problem` is `internal`: the sentence goes out, the details go to the log.
 *
 * Source: RFC 9457 (Problem Details for HTTP APIs), RFC 9110 §15 (status codes).
 */
export const problems = {
  invalid: {
    status: 400,
    title: 'The request is not valid',
    when: 'The path, query or body does not pass its schema, the body is not JSON or beyond a limit, or the request is no proper HTTP. `errors` lists what is wrong with the input, all at once.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in to do this',
    when: 'Nobody is signed in and the endpoint is not public. `WWW-Authenticate` says how to.',
  },
  'signature-invalid': {
    status: 401,
    title: 'The signature of this delivery does not hold',
    when: 'A webhook was called, and its provider has not signed these bytes, or not now. The log has the reason.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this',
    when: 'The principal lacks the role or scope that `auth` asks for, or PostgreSQL refuses the row that is being written.',
  },
  'cross-site': {
    status: 403,
    title: 'This request came from another site',
    when: 'A browser sent a write with cookies from a site that is neither the own nor among `origins`.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here',
    when: 'The path or the row does not exist, or the row is not the principal’s: the two cannot be told apart.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not offered here',
    when: 'The path exists and the method does not. `Allow` lists those that do.',
  },
  'request-timeout': {
    status: 408,
    title: 'The request took too long to arrive',
    when: 'The headers or the body come more slowly than the limits allow.',
  },
  conflict: {
    status: 409,
    title: 'This collides with something that exists',
    when: 'A unique value is taken, or a function says that the state does not allow it.',
  },
  'in-progress': {
    status: 409,
    title: 'This request is being worked on already; try again shortly',
    when: 'Another request with the same `Idempotency-Key` has not ended yet. `Retry-After` says when to ask again.',
  },
  'precondition-failed': {
    status: 412,
    title: 'This has changed since you read it',
    when: 'The row has another version than `If-Match` names, or that names only weak ones; a function may say so of what it keeps elsewhere.',
  },
  'too-large': {
    status: 413,
    title: 'The request is too large',
    when: 'The body is larger than `maxBodyBytes`, whatever it declares.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is in a format that is not taken here',
    when: 'The body is not `application/json` in UTF-8 or, where a form is meant, none. `detail` says which.',
  },
  unprocessable: {
    status: 422,
    title: 'The values do not fit the data they refer to',
    when: 'PostgreSQL refuses a value: a foreign key, a check, a number out of range.',
  },
  'key-reused': {
    status: 422,
    title: 'This key belongs to another request; send a new one',
    when: 'The `Idempotency-Key` came before with another query, body, organization or version (`If-Match`).',
  },
  'precondition-required': {
    status: 428,
    title: 'Say which version you read, with If-Match',
    when: 'The endpoint has the slot `ifMatch`, or a function demands `If-Match`, and it is not there.',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests; try again later',
    when: 'The endpoint’s `rateLimit` is used up, or a function says so. `Retry-After` says when to come back.',
  },
  'headers-too-large': {
    status: 431,
    title: 'The headers are too large',
    when: 'There are more headers, a longer URL, or more bytes of both than the server takes.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    when: 'Anything that was not thrown on purpose. The log has all of it under the same `requestId`; the answer has nothing.',
  },
  unavailable: {
    status: 503,
    title: 'The service is busy; try again shortly',
    when: 'No connection is free, a transaction must be repeated, the database is away, or the server is stopping. `Retry-After` says when.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'It is not known whether this was done',
    when: 'The connection to the database was lost, or the time was up, while a write was being made final, or while a function wrote with a database client of its own. There is no `Retry-After`, because a repetition may do it twice: look first, or repeat it where it can be told for one.',
  },
  timeout: {
    status: 504,
    title: 'This took too long',
    when: 'A statement or the whole request took longer than it may. What it wrote is undone.',
  },
} as const satisfies Record<string, ProblemRow>

interface ProblemRow {
  readonly status: number
  /** What the client reads. */
  readonly title: string
  /** When it happens: for the documentation, which is made from this table. */
  readonly when: string
}

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
 * The problem `invalid` for what is wrong with an input. It has no stack: that would say where the input was looked at, which helps
 * nobody, and to walk it cost a refusal a tenth of its time.
 */
export function problemOfInput(errors: readonly InputError[]): Problem {
  const { stackTraceLimit } = Error
  // A frozen `Error` keeps its limit, and the problem its stack.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return new Problem('invalid', undefined, { errors })
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

/**
 * A `Problem` by its looks: two copies of this package in one bundle must still understand each other.
 *
 * @example
 * if (isProblem(error) && error.code === 'conflict') return undefined
 */
export function isProblem(value: unknown): value is Problem {
  return (
    value instanceof Error && value.name === 'Problem' && 'code' in value && Object.hasOwn(problems, String(value.code))
  )
}
